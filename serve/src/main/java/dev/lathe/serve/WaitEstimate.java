package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How long a request that arrives now would take, from the runs that go on, the rows before it and
 * the measured time of runs. The prediction is for the usual case; what is promised by letting a
 * request in is that times a {@link Margin}, which is learnt from how predictions turned out, late
 * answers among them. Not safe for several threads; the {@link Batcher} locks.
 */
final class WaitEstimate {
  /** The share of runs that may have late requests, of those with requests in little time. */
  private static final double LATE = 0.003;

  /** Who has so many times what was promised does not put the promise to the test. */
  private static final double NEAR = 2;

  /** No promise was broken for so long: a stall is over, and nobody is to pay for it any more. */
  private static final long TRUSTED_NANOS = 4_000_000_000L;

  /** In so much time, the greater part of what a stall taught is forgotten. */
  private static final double FORGOTTEN_NANOS = 2e9;

  private final RunTimes times;
  private final Margin margin = new Margin(LATE, 0.3, 1.25);

  /** Until when what was learnt from late answers is kept; of no meaning while it is new. */
  private long keptUntil;

  /** Whether the margin was raised since a request came last. */
  private boolean learnt = true;

  /** Counts how often the margin was raised. */
  private int promise;

  /** Whether a promise of now was broken since the last run. */
  private boolean late;

  WaitEstimate(RunTimes times) {
    this.times = times;
  }

  /**
   * What works on a line.
   *
   * @param most the most rows of a run; 1 if nothing joins
   * @param instances runs that overlap, all of them busy
   * @param inFlight nanoseconds that the runs which go on will take yet, all together
   */
  record Load(long most, int instances, double inFlight) {}

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
    double work = load.inFlight();
    for (Map.Entry<RowShape, Long> waiting : room.rows().entrySet()) {
      long rows = waiting.getValue();
      double whole = times.nanos(waiting.getKey(), Math.min(rows, most));
      work += rows <= most ? whole : whole * rows / most;
    }
    // What arrives joins the last of the runs that its shape needs: it is part of that run's time,
    // not of the wait before it.
    double own = lastRun(arriving, room.rows(arriving.shape()), most);
    return (long) (Math.max(0, work - own) / load.instances());
  }

  private double lastRun(Pending arriving, long rows, long most) {
    return rows == 0 ? 0 : times.nanos(arriving.shape(), (rows - 1) % most + 1);
  }

  /**
   * Refuses a request that could not be answered before its deadline: after its wait, it runs
   * together with what waits already. Where there is no wait, as far as is known, its run alone
   * must take longer than that, and enough runs must have shown it.
   *
   * @param joined rows that it may run with, itself included
   */
  void admit(Pending arriving, long wait, long joined) {
    forget(arriving.arrived());
    double run = times.nanos(arriving.shape(), joined);
    long left = arriving.deadline() - arriving.arrived();
    double needed = margin.factor() * (wait + run);
    boolean kept = needed <= left;
    if (wait > 0 && !kept) {
      String why = "an answer may take %s now, of which %s in line and %s in its run";
      throw refused(why.formatted(millis(needed), millis(wait), millis(run)), left, wait);
    }
    double alone = times.surely(arriving.shape(), arriving.weight());
    if (alone > left) {
      throw refused("a run of this model takes about " + millis(alone), left, (long) alone);
    }
    // Who is let in without a known time, or without one that is sure, was promised nothing.
    arriving.estimate(kept && run > 0 ? (long) (wait + run) : 0, promise);
  }

  private void forget(long now) {
    if (learnt) {
      learnt = false;
      keptUntil = now + TRUSTED_NANOS;
    } else if (now - keptUntil > 0) {
      margin.forget((now - keptUntil) / FORGOTTEN_NANOS);
      keptUntil = now;
    }
  }

  private static LatheException refused(String why, long left, long retryAfter) {
    return new LatheException(
        ServeError.QUEUE_FULL,
        why
            + ", longer than the "
            + millis(left)
            + " to the request's deadline (try again later, or with a longer timeout)",
        Duration.ofNanos(retryAfter));
  }

  private static String millis(double nanos) {
    return Math.round(nanos / 1e3) / 1e3 + " ms";
  }

  /**
   * The deadline of a request passed that was let in. One that was let in by an earlier promise
   * says nothing about the one that is made now.
   */
  void late(Pending pending) {
    late |= pending.estimate() > 0 && pending.promise() == promise;
  }

  /**
   * A run is over. Requests of one run are late together, so that they teach one thing: promises
   * were broken since the run before, or kept where there was little time to spare.
   */
  void ran(List<Pending> batch) {
    if (late) {
      margin.exceeded();
      learnt = true;
      promise++;
    } else if (batch.stream().anyMatch(this::isTest)) {
      margin.kept();
    }
    late = false;
  }

  private boolean isTest(Pending pending) {
    long left = pending.deadline() - pending.arrived();
    return pending.isAnswered()
        && pending.estimate() > 0
        && NEAR * margin.factor() * pending.estimate() > left;
  }
}
