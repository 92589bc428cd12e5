package dev.lathe.serve.trial;

/**
 * How long requests took, counted in steps of nine per cent from a microsecond to an hour, so that
 * it has one size however many there were. Not for several threads at once.
 */
public final class Latencies {
  private static final int STEPS_PER_DOUBLING = 8;
  private static final int STEPS = 32 * STEPS_PER_DOUBLING;

  private final long[] steps = new long[STEPS];
  private long count;

  /** Counts one. */
  void add(long nanos) {
    double doublings = Math.log(Math.max(1.0, nanos / 1000.0)) / Math.log(2);
    steps[Math.min(STEPS - 1, (int) (doublings * STEPS_PER_DOUBLING))]++;
    count++;
  }

  /** Counts all that another has counted. */
  void addAll(Latencies other) {
    for (int i = 0; i < STEPS; i++) {
      steps[i] += other.steps[i];
    }
    count += other.count;
  }

  /**
   * How many were counted.
   *
   * @return the number
   */
  public long count() {
    return count;
  }

  /**
   * The time within which a part of them were answered.
   *
   * @param part 0 to 1
   * @return milliseconds, to nine per cent; 0 if none were counted
   */
  public double millis(double part) {
    return ranked((long) Math.ceil(part * count));
  }

  /** What the median of all is likely to be at least: an order statistic, whatever the shape. */
  double leastMedian() {
    return ranked((long) Math.floor(count / 2.0 - spread()));
  }

  /** What the median of all is likely to be at most. */
  double mostMedian() {
    return ranked((long) Math.ceil(count / 2.0 + spread()) + 1);
  }

  private double spread() {
    return Share.Z * Math.sqrt(count) / 2;
  }

  /** The time of the one at a rank, 1 for the fastest, in milliseconds. */
  private double ranked(long rank) {
    if (count == 0 || rank < 1) {
      return 0;
    }
    long left = Math.min(rank, count);
    int step = 0;
    while (left > steps[step]) {
      left -= steps[step++];
    }
    return Math.pow(2, (step + 0.5) / STEPS_PER_DOUBLING) / 1000;
  }
}
