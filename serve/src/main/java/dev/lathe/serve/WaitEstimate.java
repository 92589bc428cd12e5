package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.Map;

/**
 * How long a request that arrives now would wait, from the rows before it and the measured time of
 * runs, corrected by how earlier estimates turned out. Not safe for several threads; the {@link
 * Batcher} locks.
 */
final class WaitEstimate {
  /** An estimate is not met half of the time; with this factor it mostly is. */
  private static final double MARGIN = 1.25;

  private static final double LEAST = 0.25;
  private static final double MOST = 4;
  private static final double WEIGHT_OF_NEW = 0.05;

  private final RunTimes times;
  private double correction = 1;

  WaitEstimate(RunTimes times) {
    this.times = times;
  }

  /**
   * What works on a line.
   *
   * @param most the most rows of a run; 1 if nothing joins
   * @param instances runs that overlap, all of them busy
   * @param inFlight nanoseconds until the next of them ends, as measured
   */
  record Load(long most, int instances, long inFlight) {}

  /**
   * The time until all that waits has been served.
   *
   * @param arriving the request
   * @param room what waits
   * @param load what works on it
   * @return nanoseconds; 0 if nothing is known
   */
  long nanos(Pending arriving, WaitingRoom room, Load load) {
    long most = load.most();
    double work = 0;
    for (Map.Entry<RowShape, Long> waiting : room.rows().entrySet()) {
      long rows = waiting.getValue();
      double whole = times.nanos(waiting.getKey(), Math.min(rows, most));
      work += rows <= most ? whole : whole * rows / most;
    }
    // What arrives joins the last of the runs that its shape needs: it is part of that run's time,
    // not of the wait before it.
    double own = lastRun(arriving, room.rows(arriving.shape()), most);
    double before = Math.max(0, work - own);
    return (long) (correction * (before / load.instances() + load.inFlight()));
  }

  private double lastRun(Pending arriving, long rows, long most) {
    return rows == 0 ? 0 : times.nanos(arriving.shape(), (rows - 1) % most + 1);
  }

  /**
   * Refuses a request that could not be answered before its deadline: after its wait, it runs
   * together with what waits already.
   *
   * @param joined rows that it may run with, itself included
   */
  void admit(Pending arriving, long wait, long joined) {
    arriving.estimate(wait);
    double run = times.nanos(arriving.shape(), joined);
    long left = arriving.deadline() - arriving.arrived();
    if (wait > 0 && MARGIN * (wait + run) > left) {
      throw new LatheException(
          ServeError.QUEUE_FULL,
          "the wait for this model is about "
              + wait / 1_000_000
              + " ms, longer than the request's deadline in "
              + left / 1_000_000.0
              + " ms (try again later, or with a longer timeout)",
          Duration.ofNanos(wait));
    }
  }

  /** A request's wait is over. */
  void learn(Pending begun, long now) {
    if (begun.estimate() > 0) {
      double ratio = (now - begun.arrived()) / (double) begun.estimate();
      correction *= 1 + WEIGHT_OF_NEW * (Math.clamp(ratio, 0.1, 10) - 1);
      correction = Math.clamp(correction, LEAST, MOST);
    }
  }
}
