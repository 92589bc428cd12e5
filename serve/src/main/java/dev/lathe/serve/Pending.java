package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A request between its arrival and its answer. One thread waits; any thread may complete. */
final class Pending {
  private final InferRequest request;
  private final Place place;
  private final long arrived;
  private final long deadline;
  private final Thread waiter = Thread.currentThread();
  private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();

  /** The run that it is part of and that it has not left. */
  private final AtomicReference<@Nullable Run> run = new AtomicReference<>();

  /** How long its answer was thought to take, in nanoseconds; 0 if nobody thought about it. */
  private long estimate;

  private int promise;

  /**
   * Where a request belongs.
   *
   * @param rows size along the batch axis; 0 if the model has none
   * @param shape what others must have to share its run
   * @param level urgency, from 1
   */
  record Place(long rows, RowShape shape, int level) {}

  /**
   * A request that the current thread will wait for.
   *
   * @param arrived now, {@link System#nanoTime}
   * @param deadline when the answer is worthless, on the same clock
   */
  Pending(InferRequest request, Place place, long arrived, long deadline) {
    this.request = request;
    this.place = place;
    this.arrived = arrived;
    this.deadline = deadline;
  }

  InferRequest request() {
    return request;
  }

  long rows() {
    return place.rows();
  }

  /** What it counts for in estimates: its rows, at least 1. */
  long weight() {
    return Math.max(1, place.rows());
  }

  RowShape shape() {
    return place.shape();
  }

  int level() {
    return place.level();
  }

  long arrived() {
    return arrived;
  }

  long deadline() {
    return deadline;
  }

  boolean isBefore(Pending other) {
    return arrived - other.arrived < 0;
  }

  long estimate() {
    return estimate;
  }

  /** By which promise it was let in. */
  int promise() {
    return promise;
  }

  /** Before it is put in line. */
  void estimate(long nanos, int byPromise) {
    estimate = nanos;
    promise = byPromise;
  }

  boolean isDone() {
    return outcome.get() != null;
  }

  boolean isAnswered() {
    return outcome.get() instanceof InferResponse;
  }

  boolean isExpired(long now) {
    return now - deadline >= 0;
  }

  /** From now on a run works for it, until it is done. */
  void join(Run joined) {
    run.set(joined);
    if (isDone()) {
      leaveRun();
    }
  }

  private void leaveRun() {
    Run left = run.getAndSet(null);
    if (left != null) {
      left.left();
    }
  }

  void answer(InferResponse response) {
    complete(response);
  }

  /** Ends the request with a failure; true if it had not ended before. */
  boolean fail(LatheException failure) {
    if (!complete(failure)) {
      return false;
    }
    leaveRun();
    return true;
  }

  /** Ends the request because its caller is gone. */
  void cancel() {
    fail(new LatheException(ServeError.ABANDONED, "the caller gave the request up"));
  }

  private boolean complete(Object result) {
    if (!outcome.compareAndSet(null, result)) {
      return false;
    }
    if (waiter != Thread.currentThread()) {
      LockSupport.unpark(waiter);
    }
    return true;
  }

  /** Waits for the outcome, to the deadline at most. Only the thread that made this may call. */
  InferResponse await(Deadlines deadlines) {
    if (!isDone()) {
      deadlines.add(this);
      try {
        park();
      } finally {
        deadlines.forget(this);
      }
    }
    return switch (outcome.get()) {
      case InferResponse response -> response;
      case LatheException failure -> throw failure;
      case null, default -> throw new IllegalStateException("no such outcome");
    };
  }

  private void park() {
    while (!isDone()) {
      if (isExpired(System.nanoTime())) {
        fail(deadlinePassed());
      } else if (Thread.interrupted()) {
        fail(new LatheException(ServeError.ABANDONED, "the wait for an answer was interrupted"));
        Thread.currentThread().interrupt();
      } else {
        LockSupport.park(this);
      }
    }
  }

  LatheException deadlinePassed() {
    return new LatheException(
        ServeError.DEADLINE_PASSED,
        "no answer within "
            + (deadline - arrived) / 1_000_000.0
            + " ms (the request's timeout, or the server's)");
  }

  /** It is not late yet, but its run would be. */
  LatheException hopeless(long now) {
    return new LatheException(
        ServeError.DEADLINE_PASSED,
        "the request could not be answered any more before its deadline: its run takes longer than"
            + " the "
            + (deadline - now) / 1_000_000.0
            + " ms that are left of "
            + (deadline - arrived) / 1_000_000.0
            + " ms (try again later, or with a longer timeout)");
  }
}
