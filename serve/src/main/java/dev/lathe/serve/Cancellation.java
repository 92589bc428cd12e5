package dev.lathe.serve;

import java.util.ArrayList;
import java.util.List;

/**
 * A caller's handle to give a request up: a door makes one for each request and calls {@link
 * #cancel} when the client is gone. One handle may serve several requests, one after another or at
 * once. Safe for use by many threads.
 */
public final class Cancellation {
  /** Nobody cancels; costs nothing. */
  public static final Cancellation NEVER = new Cancellation();

  private final List<Runnable> listeners = new ArrayList<>(1);
  private volatile boolean cancelled;

  /**
   * Gives up whatever waits on this handle now, and whatever will. A second time does nothing.
   *
   * @throws IllegalStateException on {@link #NEVER}
   */
  public void cancel() {
    if (this == NEVER) {
      throw new IllegalStateException("NEVER is shared: a request to be cancelled needs its own");
    }
    List<Runnable> toTell;
    synchronized (listeners) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      toTell = List.copyOf(listeners);
      listeners.clear();
    }
    toTell.forEach(Runnable::run);
  }

  /**
   * Whether the request was given up.
   *
   * @return true after {@link #cancel}
   */
  public boolean isCancelled() {
    return cancelled;
  }

  /**
   * Adds a listener that runs once, on the thread that cancels; at once if that has happened. It
   * must return soon and must not throw.
   *
   * @param listener what to do; {@link #forget} it when it is of no use any more
   */
  public void whenCancelled(Runnable listener) {
    if (this == NEVER) {
      return;
    }
    synchronized (listeners) {
      if (!cancelled) {
        listeners.add(listener);
        return;
      }
    }
    listener.run();
  }

  /**
   * Takes a listener away.
   *
   * @param listener the same object that was added
   */
  public void forget(Runnable listener) {
    if (this == NEVER) {
      return;
    }
    synchronized (listeners) {
      listeners.removeIf(known -> known == listener);
    }
  }
}
