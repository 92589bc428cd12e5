package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** So many write at once; the others wait a while, in the order in which they came. */
final class Turns {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Semaphore free;
  private final Duration patience;

  Turns(int most, Duration patience) {
    this.free = new Semaphore(most, true);
    this.patience = patience;
  }

  /** As many as there are processors. */
  static Turns ofProcessors() {
    return new Turns(Runtime.getRuntime().availableProcessors(), PATIENCE);
  }

  /**
   * Works when it is its turn.
   *
   * @throws LatheException BUSY if that takes too long, GIVEN_UP if the thread is interrupted
   */
  <T> T during(Supplier<T> work) {
    try {
      if (!free.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new LatheException(
            ServerError.BUSY, "as many texts are being written as can be; try again later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServerError.GIVEN_UP, "the caller does not wait any more", e);
    }
    try {
      return work.get();
    } finally {
      free.release();
    }
  }
}
