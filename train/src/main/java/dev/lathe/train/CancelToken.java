package dev.lathe.train;

import dev.lathe.ir.LatheException;

/**
 * Asks a run to stop. A run looks at it while it reads data and before every step; it can be set
 * from any thread.
 */
public final class CancelToken {
  private volatile boolean cancelled;

  /** Asks for the stop. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Whether the stop was asked for.
   *
   * @return true after {@link #cancel}
   */
  public boolean isCancelled() {
    return cancelled;
  }

  /**
   * Ends work that nobody wants any more.
   *
   * @param what the work, such as "reading the data"
   * @throws LatheException CANCELLED after {@link #cancel}
   */
  public void requireWanted(String what) {
    if (cancelled) {
      throw new LatheException(TrainError.CANCELLED, what + " was stopped");
    }
  }
}
