package dev.lathe.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * Two things measured in turn, A B A B …, and the ratio of each pair of neighbours.
 *
 * @param a what A took in each pair
 * @param b what B took in each pair
 */
record Pairs(double[] a, double[] b) {
  /**
   * Measures pairs after one that is not counted.
   *
   * @param pairs how many count
   * @param a measures A once
   * @param b measures B once
   * @return the measurements
   */
  static Pairs measure(int pairs, DoubleSupplier a, DoubleSupplier b) {
    a.getAsDouble();
    b.getAsDouble();
    double[] left = new double[pairs];
    double[] right = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      left[i] = a.getAsDouble();
      right[i] = b.getAsDouble();
    }
    return new Pairs(left, right);
  }

  double medianA() {
    return median(a);
  }

  double medianB() {
    return median(b);
  }

  /** Median, least and greatest of B / A: above 1 where A is the faster, if lower is better. */
  String ratios() {
    double[] ratios = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      ratios[i] = b[i] / a[i];
    }
    Arrays.sort(ratios);
    return String.format(
        Locale.ROOT, "%.2f (%.2f–%.2f)", median(ratios), ratios[0], ratios[ratios.length - 1]);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
