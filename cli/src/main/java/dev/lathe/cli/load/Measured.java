package dev.lathe.cli.load;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What a load gave.
 *
 * @param callers who asked at the same time
 * @param requests answers
 * @param failures requests that got none
 * @param rowsPerSecond rows that were answered
 * @param p50Micros half of the answers took at most this long
 * @param p90Micros nine of ten did
 * @param p99Micros 99 of 100 did
 */
public record Measured(
    int callers,
    long requests,
    long failures,
    double rowsPerSecond,
    double p50Micros,
    double p90Micros,
    double p99Micros) {
  /** Of how long each answer took. */
  static Measured of(int callers, long[] nanos, long failures, double rowsPerNano) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Measured(
        callers,
        sorted.length,
        failures,
        rowsPerNano * 1e9,
        quantile(sorted, 0.5),
        quantile(sorted, 0.9),
        quantile(sorted, 0.99));
  }

  /**
   * The middle one of several measurements of the same, by rows per second; of an even number, the
   * slower one of the two. What any of them failed with counts.
   *
   * @param all at least one measurement
   * @return the middle one, with the failures of all
   */
  static Measured middle(List<Measured> all) {
    Measured middle =
        all.stream()
            .sorted(Comparator.comparingDouble(Measured::rowsPerSecond))
            .skip((all.size() - 1) / 2)
            .findFirst()
            .orElseThrow();
    return new Measured(
        middle.callers,
        middle.requests,
        all.stream().mapToLong(Measured::failures).sum(),
        middle.rowsPerSecond,
        middle.p50Micros,
        middle.p90Micros,
        middle.p99Micros);
  }

  /** The nearest rank: the smallest value that at least this part does not exceed. */
  private static double quantile(long[] sorted, double part) {
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.max(0, rank - 1)] / 1e3;
  }
}
