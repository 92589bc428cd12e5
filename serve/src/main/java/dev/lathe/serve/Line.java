package dev.lathe.serve;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What waits for one model and what works on it: who comes in, what runs together, and when. It
 * knows no threads and no clock; every time is given, as {@link System#nanoTime}. Not safe for
 * several threads; the {@link Batcher} locks.
 */
final class Line {
  private final int maxRows;
  private final BooleanSupplier joins;
  private final RunTimes times;
  private final Arrivals arrivals = new Arrivals();
  private final Patience patience;
  private final Overlap overlap;
  private final WaitEstimate estimate;
  private final WaitingRoom room;

  /** The runs that go on, by their requests, and when each should end, as runs are measured. */
  private final Map<List<Pending>, Long> inFlight = new IdentityHashMap<>();

  /**
   * An empty line.
   *
   * @param threads the most runs that overlap where their number is measured
   * @param times how long runs take; others tell it
   * @param joins whether requests may share a run
   */
  Line(BatchPolicy policy, int threads, RunTimes times, BooleanSupplier joins) {
    this.maxRows = policy.maxRows();
    this.joins = joins;
    this.times = times;
    this.patience = new Patience(policy.maxDelay(), times, arrivals);
    this.overlap = new Overlap(policy.instances(), Math.max(1, threads / policy.threads()));
    this.estimate = new WaitEstimate(times);
    this.room = new WaitingRoom(policy.queueCapacity(), policy.priorities());
  }

  WaitingRoom room() {
    return room;
  }

  /** Runs that may overlap now. */
  int instances() {
    return overlap.current();
  }

  /** A request is there, in line or not. */
  void arrived(Pending pending) {
    arrivals.add(pending.weight(), pending.arrived());
  }

  /**
   * Lets a request in while all instances are busy.
   *
   * @return how long it will wait, in nanoseconds
   * @throws dev.lathe.ir.LatheException QUEUE_FULL if it could not be answered before its deadline
   */
  long admit(Pending pending) {
    long most = Math.max(1, mostRows(pending, pending.deadline() - pending.arrived()));
    WaitEstimate.Load load =
        new WaitEstimate.Load(most, overlap.current(), inFlight(pending.arrived()));
    long wait = estimate.nanos(pending, room, load);
    long joined = room.rows(pending.shape()) % most + pending.weight();
    estimate.admit(pending, wait, Math.min(joined, Math.max(most, pending.weight())));
    return wait;
  }

  private double inFlight(long now) {
    double left = 0;
    for (long end : inFlight.values()) {
      left += Math.max(0, end - now);
    }
    return left;
  }

  /** Takes out of the line what runs next; empty if nothing waits that still has a deadline. */
  List<Pending> gather(long now) {
    while (room.size() > 0) {
      Gathering gathering = new Gathering(first -> mostRows(first, first.deadline() - now));
      room.giveTo(gathering, now);
      List<Pending> batch = gathering.live(now);
      if (!batch.isEmpty()) {
        return batch;
      }
    }
    return List.of();
  }

  /** A run begins. */
  void begin(List<Pending> batch, long now) {
    long weight = 0;
    for (Pending pending : batch) {
      weight += pending.weight();
    }
    overlap.ran(weight, room.size() > 0, now);
    inFlight.put(batch, now + (long) times.nanos(batch.getFirst().shape(), weight));
  }

  /** A run that began is over. */
  void end(List<Pending> batch) {
    inFlight.remove(batch);
    estimate.ran(batch);
  }

  /** The deadline of a request passed, in line or in a run. */
  void late(Pending pending) {
    estimate.late(pending);
  }

  /** Nanoseconds to wait for more of what may run with a request. */
  long patience(Pending first, long rows, long now) {
    long most = mostRows(first.shape());
    return patience.nanos(new Patience.Choice(first, rows, most, overlap.current()), now);
  }

  /** The most rows of a run; -1 if nothing joins. */
  long mostRows(RowShape shape) {
    return joins.getAsBoolean() ? times.bestRows(shape, maxRows) : -1;
  }

  /**
   * As many rows as can be run before a deadline, and within half of the time that it left at
   * first: others like it come while the run goes on, wait for its end, and take a run as long.
   *
   * @return 0 if the request cannot be answered in time, as enough runs like it have shown; -1 if
   *     nothing joins
   */
  private long mostRows(Pending pending, long left) {
    RowShape shape = pending.shape();
    if (times.surely(shape, pending.weight()) > left) {
      return 0;
    }
    long most = mostRows(shape);
    double half = (pending.deadline() - pending.arrived()) / 2.0;
    return most < 0
        ? most
        : times.rowsWithin(shape, most, new RunTimes.Limit(pending.weight(), half, left));
  }
}
