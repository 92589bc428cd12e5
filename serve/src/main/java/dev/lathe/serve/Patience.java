package dev.lathe.serve;

import java.time.Duration;

/**
 * How long a run is held back for more rows. A given delay counts from the arrival of the request
 * that the run begins with.
 *
 * <p>Measured, there is no delay while the model keeps up: at the rate at which rows arrive, runs
 * of the size that waits now would leave the instances idle for a good part of the time. Only when
 * they would not, it pays to wait for a larger, more efficient run, and then no longer than half of
 * what the run will take, so that nobody's answer is late by more than that.
 */
final class Patience {
  /** The share of time at which the model no longer keeps up. */
  private static final double BUSY = 0.7;

  private static final double SHARE_OF_RUN = 0.5;
  private static final long LONGEST_NANOS = 5_000_000;

  private final Tuned<Duration> delay;
  private final RunTimes times;
  private final Arrivals arrivals;

  Patience(Tuned<Duration> delay, RunTimes times, Arrivals arrivals) {
    this.delay = delay;
    this.times = times;
    this.arrivals = arrivals;
  }

  /**
   * How much longer to wait.
   *
   * @param first the request that the run begins with
   * @param rows what waits and may join it, itself included
   * @param most the most rows of the run
   * @param instances runs that may overlap
   */
  record Choice(Pending first, long rows, long most, int instances) {}

  /** Nanoseconds to wait for more rows; not above 0 if the run should begin. */
  long nanos(Choice choice, long now) {
    if (choice.rows() >= choice.most()) {
      return 0;
    }
    return switch (delay) {
      case Tuned.Fixed<Duration>(Duration given) ->
          choice.first().arrived() + given.toNanos() - now;
      case Tuned.Auto<Duration> auto -> measured(choice, now);
    };
  }

  private long measured(Choice choice, long now) {
    Pending first = choice.first();
    double run = times.nanos(first.shape(), choice.rows());
    double rate = arrivals.rate(now);
    if (rate * run / choice.rows() < BUSY * choice.instances()) {
      return 0;
    }
    double untilFull = (choice.most() - choice.rows()) / rate;
    double slack = (first.deadline() - now - 2 * run) / 2;
    double wait = Math.min(Math.min(SHARE_OF_RUN * run, LONGEST_NANOS), slack);
    return Math.min((long) untilFull, first.arrived() + (long) wait - now);
  }
}
