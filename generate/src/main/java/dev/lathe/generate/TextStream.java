package dev.lathe.generate;

import dev.lathe.ir.LatheException;
import java.util.Optional;

/**
 * The events of one request, for one reader. {@link #cancel} may come from any thread; a stream
 * that is closed before its end is cancelled.
 */
public interface TextStream extends AutoCloseable {
  /**
   * The next event; waits for it.
   *
   * @return the event; empty after {@link GenerateEvent.Completed}
   * @throws LatheException why the request failed: NOT_FINITE, DEAD_END, DEADLINE_PASSED, ABANDONED
   *     after {@link #cancel} or an interruption, CLOSED, FAILED
   */
  Optional<GenerateEvent> next();

  /** Gives the request up: it ends at the next step. Does nothing after its end. */
  void cancel();

  /**
   * How long the engine has worked at the request: from the beginning of its first computation to
   * its end, or to now. Waiting for a turn before is no part of it, and neither is time that the
   * reader takes after the end.
   *
   * @return nanoseconds; 0 before the first computation
   */
  long workedNanos();

  /** Cancels what has not ended. */
  @Override
  default void close() {
    cancel();
  }
}
