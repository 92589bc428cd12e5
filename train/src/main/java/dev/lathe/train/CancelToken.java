package dev.lathe.train;

/** Asks a run to stop. A run looks at it before every step; it can be set from any thread. */
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
}
