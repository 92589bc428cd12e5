package dev.lathe.serve;

/**
 * By how much true times exceed predicted ones at the most, but for a small share of the cases: a
 * quantile of their ratio, found by small steps up where it was exceeded and much smaller ones down
 * where it was not (Robbins and Monro, "A stochastic approximation method", 1951). It follows a
 * distribution that changes. Not safe for several threads.
 */
final class Margin {
  private static final double LEAST = 0.25;
  private static final double MOST = 4;

  private final double share;
  private final double step;
  private final double first;
  private double factor;

  /**
   * A margin.
   *
   * @param share the share of cases that may exceed it, 0 to 1
   * @param step how far one case that exceeds it moves it, as a part of it
   * @param first the factor before anything is known
   */
  Margin(double share, double step, double first) {
    this.share = share;
    this.step = step;
    this.first = first;
    this.factor = first;
  }

  /** The factor that a predicted time is multiplied by. */
  double factor() {
    return factor;
  }

  /** A case took more than the factor times what was predicted. */
  void exceeded() {
    factor = Math.min(MOST, factor * (1 + step * (1 - share)));
  }

  /** A case took no more. */
  void kept() {
    factor = Math.max(LEAST, factor * (1 - step * share));
  }

  /**
   * Some time passed: what was exceeded then is soon no reason for caution any more. What is above
   * the first factor shrinks to a third in each time constant.
   *
   * @param times how many time constants passed
   */
  void forget(double times) {
    if (factor > first) {
      factor = first + (factor - first) * Math.exp(-times);
    }
  }
}
