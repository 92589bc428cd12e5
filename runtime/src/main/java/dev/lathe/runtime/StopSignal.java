package dev.lathe.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.LatheException;
import org.jspecify.annotations.Nullable;

/**
 * Stops one run before its end: the engine looks at the signal between operators, so that one long
 * operator still ends first. A signal given before the run begins stops it at once, one given after
 * its end does nothing. For one run only; any thread may signal.
 */
public final class StopSignal {
  private OrtSession.@Nullable RunOptions options;
  private boolean stopped;

  /** Asks the run to end. It then throws STOPPED, unless it ends by itself first. */
  public synchronized void stop() {
    stopped = true;
    OrtSession.RunOptions open = options;
    if (open != null) {
      try {
        open.setTerminate(true);
      } catch (OrtException e) {
        throw Failures.running(e);
      }
    }
  }

  /**
   * Whether the run was asked to end.
   *
   * @return true after {@link #stop}
   */
  public synchronized boolean isStopped() {
    return stopped;
  }

  /**
   * The engine's side of the signal, until {@link #end}.
   *
   * @param run what the run was given; stays the caller's to close
   * @throws LatheException STOPPED if the signal was given already
   */
  synchronized void begin(OrtSession.RunOptions run) {
    if (stopped) {
      throw stoppedRun(null);
    }
    options = run;
  }

  synchronized void end() {
    options = null;
  }

  static LatheException stoppedRun(@Nullable Throwable cause) {
    return new LatheException(
        RuntimeError.STOPPED, "the run was stopped: nobody waits for its result", cause);
  }
}
