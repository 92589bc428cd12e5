package dev.lathe.train.metric;

/** Logarithms of sums of exponentials that do not overflow. */
final class LogSoftmax {
  private LogSoftmax() {}

  /** log Σ exp(xₖ). */
  static double sumOf(float[] scores) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      largest = Math.max(largest, score);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - largest);
    }
    return largest + Math.log(sum);
  }
}
