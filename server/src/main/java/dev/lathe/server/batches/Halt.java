package dev.lathe.server.batches;

import dev.lathe.serve.Cancellation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What ends one pass over the lines of a batch, for those that wait and those that models are being
 * asked for. Safe for many threads.
 */
final class Halt {
  private final Cancellation questions = new Cancellation();
  private final CountDownLatch called = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();

  /** Ends the pass. */
  void call() {
    called.countDown();
    questions.cancel();
  }

  /** Ends the pass because it cannot go on. */
  void call(Throwable why) {
    cause.compareAndSet(null, why);
    call();
  }

  boolean isCalled() {
    return called.getCount() == 0;
  }

  /** Why the pass could not go on. */
  Optional<Throwable> cause() {
    return Optional.ofNullable(cause.get());
  }

  /** What is cancelled with the pass. */
  Cancellation questions() {
    return questions;
  }

  /** Waits so long, or until the pass ends; true if it has. */
  boolean await(Duration time) throws InterruptedException {
    return called.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
  }
}
