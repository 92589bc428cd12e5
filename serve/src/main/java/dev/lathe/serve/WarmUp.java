package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Runs before a version answers its first request, so that the request does not pay for what only
 * first runs do, and so that a version that cannot run at all never goes live: on the version's own
 * samples, or else on zeros; and then, for a short while, on ever larger batches of them, so that
 * it is known from the start how long runs take.
 *
 * <p>Where it is not certain that the model allows zeros, a failure of theirs is only noted.
 */
final class WarmUp {
  private static final System.Logger LOG = System.getLogger(WarmUp.class.getName());
  private static final long BUDGET_NANOS = Duration.ofMillis(100).toNanos();

  private final ModelVersion version;
  private final Batcher batcher;

  /**
   * A warm-up.
   *
   * @param version for messages
   * @param batcher runs the model and keeps the times
   */
  WarmUp(ModelVersion version, Batcher batcher) {
    this.version = version;
    this.batcher = batcher;
  }

  /**
   * Runs the model.
   *
   * @param inputs what it needs
   * @param samples requests that it must be able to answer
   * @throws LatheException what the run says, if it cannot run
   */
  void run(List<ValueInfo> inputs, List<WarmSamples.Sample> samples) {
    for (WarmSamples.Sample sample : samples) {
      try {
        batcher.rehearse(sample.inputs());
      } catch (LatheException e) {
        throw new LatheException(e.code(), sample.file() + ": " + e.getMessage(), e);
      }
    }
    if (!samples.isEmpty()) {
      grow(samples.getFirst().inputs());
      return;
    }
    Zeros.of(inputs).filter(this::runs).ifPresent(zeros -> grow(zeros.inputs()));
  }

  /** Whether the model could run on zeros. */
  private boolean runs(Zeros zeros) {
    try {
      batcher.rehearse(zeros.inputs());
      return true;
    } catch (LatheException e) {
      if (zeros.certain()) {
        throw e;
      }
      LOG.log(Level.WARNING, version + ": a run on zeros of the smallest size failed", e);
      return false;
    }
  }

  private void grow(Map<String, Tensor> unit) {
    long start = System.nanoTime();
    long last = 0;
    for (int copies = 1; batcher.mayJoin(unit, copies); copies *= 2) {
      long begun = System.nanoTime();
      if (begun - start + 2 * last > BUDGET_NANOS) {
        return;
      }
      try {
        batcher.rehearse(Rows.join(Collections.nCopies(copies, unit)));
      } catch (LatheException e) {
        LOG.log(Level.WARNING, version + ": a run on " + copies + " copies failed", e);
        return;
      }
      last = System.nanoTime() - begun;
    }
  }
}
