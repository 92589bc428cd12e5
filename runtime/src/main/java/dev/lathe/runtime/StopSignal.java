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
   * @throws LatheException STOPPED if the signal was given already
   */
  synchronized OrtSession.RunOptions begin() throws OrtException {
    if (stopped) {
      throw stoppedRun(null);
    }
    OrtSession.RunOptions opened = new OrtSession.RunOptions();
    options = opened;
    return opened;
  }

  synchronized void end() {
    OrtSession.RunOptions open = options;
    options = null;
    if (open != null) {
      open.close();
    }
  }

  static LatheException stoppedRun(@Nullable Throwable cause) {
    return new LatheException(
        RuntimeError.STOPPED, "the run was stopped: nobody waits for its result", cause);
  }
}
