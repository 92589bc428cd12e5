package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A request between its arrival and its answer. One thread waits; any thread may complete. */
final class Pending {
  private final InferRequest request;
  private final long rows;
  private final long arrived;
  private final long deadline;
  private final Thread waiter = Thread.currentThread();
  private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();

  /**
   * A request that the current thread will wait for.
   *
   * @param rows size along the batch axis; 0 if the model has none
   * @param arrived now, {@link System#nanoTime}
   * @param deadline when the answer is worthless, on the same clock
   */
  Pending(InferRequest request, long rows, long arrived, long deadline) {
    this.request = request;
    this.rows = rows;
    this.arrived = arrived;
    this.deadline = deadline;
  }

  InferRequest request() {
    return request;
  }

  long rows() {
    return rows;
  }

  long arrived() {
    return arrived;
  }

  boolean isDone() {
    return outcome.get() != null;
  }

  boolean isExpired(long now) {
    return now - deadline >= 0;
  }

  void answer(InferResponse response) {
    complete(response);
  }

  /** Ends the request with a failure; true if it had not ended before. */
  boolean fail(LatheException failure) {
    return complete(failure);
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
  InferResponse await() {
    while (!isDone()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        fail(deadlinePassed());
      } else if (Thread.interrupted()) {
        fail(new LatheException(ServeError.ABANDONED, "the wait for an answer was interrupted"));
        Thread.currentThread().interrupt();
      } else {
        LockSupport.parkNanos(this, left);
      }
    }
    return switch (outcome.get()) {
      case InferResponse response -> response;
      case LatheException failure -> throw failure;
      case null, default -> throw new IllegalStateException("no such outcome");
    };
  }

  LatheException deadlinePassed() {
    return new LatheException(
        ServeError.DEADLINE_PASSED,
        "no answer within "
            + (deadline - arrived) / 1_000_000.0
            + " ms (the request's timeout, or the server's)");
  }
}
