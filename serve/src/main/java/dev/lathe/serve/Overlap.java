package dev.lathe.serve;

/**
 * How many runs of a model overlap. Where that is to be measured, rows per second are compared
 * while more requests wait than are served: most of the time with the best number known, now and
 * then with one more or one less. Safe for use by many threads.
 */
final class Overlap {
  private static final long STRETCH_NANOS = 100_000_000;

  /** Every so many stretches another number is tried. */
  private static final int TRY_AGAIN = 16;

  /** Another number must be better by this much. */
  private static final double CLEARLY = 1.05;

  private final int most;
  private final boolean measured;
  private final double[] rates;
  private volatile int current;
  private int best;
  private int stretches;
  private int run;
  private long rows;
  private long since;
  private boolean counting;

  /**
   * Begins with as many as there may be.
   *
   * @param instances a given number, or measure
   * @param threads the most if it is measured
   */
  Overlap(Tuned<Integer> instances, int threads) {
    this.measured = instances instanceof Tuned.Auto<Integer> && threads > 1;
    this.most = instances instanceof Tuned.Fixed<Integer>(Integer given) ? given : threads;
    this.rates = new double[most + 1];
    this.current = most;
    this.best = most;
  }

  /** Runs that may overlap now. */
  int current() {
    return current;
  }

  /**
   * A run ended.
   *
   * @param weight its rows
   * @param saturated whether more requests wait than could be served
   * @param now when, {@link System#nanoTime}
   */
  void ran(long weight, boolean saturated, long now) {
    if (measured) {
      count(weight, saturated, now);
    }
  }

  private synchronized void count(long weight, boolean saturated, long now) {
    if (!saturated) {
      counting = false;
      run = 0;
      return;
    }
    run++;
    if (!counting) {
      // The runs that began before this number was in force are let pass.
      if (run > most) {
        counting = true;
        since = now;
        rows = 0;
        run = 0;
      }
      return;
    }
    rows += weight;
    if (now - since >= STRETCH_NANOS && run >= 2 * current) {
      double rate = rows / (double) (now - since);
      rates[current] = rates[current] == 0 ? rate : (rates[current] + rate) / 2;
      choose();
      counting = false;
      run = 0;
    }
  }

  private void choose() {
    for (int number = 1; number <= most; number++) {
      if (rates[number] > CLEARLY * rates[best]) {
        best = number;
      }
    }
    stretches++;
    int other = stretches / TRY_AGAIN % 2 == 0 ? best - 1 : best + 1;
    boolean another = stretches % TRY_AGAIN == 0 || stretches == 1;
    if (other < 1 || other > most) {
      other = best == most ? best - 1 : best + 1;
    }
    current = another ? other : best;
  }
}
