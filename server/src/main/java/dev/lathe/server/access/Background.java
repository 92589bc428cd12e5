package dev.lathe.server.access;

import dev.lathe.serve.Cancellation;
import java.time.Duration;
import java.util.Optional;

/**
 * Work that nobody waits for: whatever models are asked meanwhile on this thread has the lowest
 * priority, may wait long, and is given up when the work is.
 *
 * @param ended what is cancelled when the work is given up
 */
public record Background(Cancellation ended) {
  /** How long what is asked may wait for its turn. */
  public static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final ScopedValue<Background> CURRENT = ScopedValue.newInstance();

  /**
   * The work that the current thread does.
   *
   * @return the work; empty if somebody waits for it
   */
  public static Optional<Background> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /**
   * Does something in the background.
   *
   * @param work the work, on this thread
   */
  public void during(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }
}
