package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.runtime.StopSignal;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;

/**
 * One run on zeros before a version answers its first request, so that the request does not pay for
 * it, and so that a version that cannot run at all never goes live.
 *
 * <p>Where it is not certain that the model allows them, a failure is only noted.
 */
final class WarmUp {
  private static final System.Logger LOG = System.getLogger(WarmUp.class.getName());

  private WarmUp() {}

  static void run(ModelVersion version, Engine engine) {
    Optional<Zeros> zeros = Zeros.of(engine.inputs());
    if (zeros.isEmpty()) {
      return;
    }
    try {
      engine.run(zeros.get().inputs(), Set.of(), new StopSignal());
    } catch (LatheException e) {
      if (zeros.get().certain()) {
        throw e;
      }
      LOG.log(Level.WARNING, version + ": a run on zeros of the smallest size failed", e);
    }
  }
}
