package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request over HTTP/2, for the thread that answers it: whether its client is still there, and in
 * time. One thread answers; others say that the client is late or gone.
 */
public abstract class StreamRequest {
  private static final ThreadLocal<@Nullable StreamRequest> CURRENT = new ThreadLocal<>();

  private @Nullable Thread waiting;
  private boolean interrupted;
  private String why = "";
  private boolean gone;
  private Runnable whenGone = () -> {};

  /** A request that nobody answers yet. */
  protected StreamRequest() {}

  /** The current thread is going to answer this request, and nothing else. */
  protected final void answeredHere() {
    CURRENT.set(this);
  }

  /**
   * The request that the current thread answers.
   *
   * @return the request; empty if it came by HTTP/1.1
   */
  static Optional<StreamRequest> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /**
   * The current thread begins to wait for the body.
   *
   * @throws LatheException TOO_SLOW if the client was late before
   */
  final synchronized void waits() {
    requireInTime();
    waiting = Thread.currentThread();
  }

  /**
   * The current thread has waited.
   *
   * @throws LatheException TOO_SLOW if the client was late meanwhile
   */
  final synchronized void waited() {
    waiting = null;
    if (interrupted) {
      interrupted = false;
      Thread.interrupted();
    }
    requireInTime();
  }

  private void requireInTime() {
    if (!why.isEmpty()) {
      throw new LatheException(ServerError.TOO_SLOW, why);
    }
  }

  /** The answer is written; from now on the current thread only waits for the rest of the body. */
  final synchronized void isDone() {
    waiting = Thread.currentThread();
    done();
  }

  /** Called when the answer is written. */
  protected abstract void done();

  /**
   * Whether the body is waited for.
   *
   * @return true while the answering thread does nothing else
   */
  protected final synchronized boolean isWaiting() {
    return waiting != null;
  }

  /**
   * The client is too late with the body; the thread that waits for it does so no more.
   *
   * @param reason what it is told
   */
  protected final synchronized void late(String reason) {
    if (why.isEmpty()) {
      why = reason;
    }
    if (waiting != null) {
      interrupted = true;
      waiting.interrupt();
    }
  }

  /** The client is gone, or has given up this request: nobody computes for it any more. */
  protected final void gone() {
    Runnable then;
    synchronized (this) {
      gone = true;
      late("the request was given up");
      then = whenGone;
    }
    then.run();
  }

  /** Has somebody told when the client is gone; at once if it is. */
  final void whenGone(Runnable then) {
    boolean now;
    synchronized (this) {
      whenGone = then;
      now = gone;
    }
    if (now) {
      then.run();
    }
  }
}
