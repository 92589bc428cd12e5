package dev.lathe.server.importing;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.RuntimeError;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.StopSignal;
import dev.lathe.server.ServerError;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs a model that nobody knows, which may never end by itself.
 *
 * @param most how long it may take
 */
record TimedRun(Duration most) {
  static final TimedRun USUAL = new TimedRun(Duration.ofMinutes(5));

  /**
   * Computes all outputs.
   *
   * @throws LatheException BAD_SOURCE if that takes too long
   */
  Map<String, Tensor> of(Session session, Map<String, Tensor> inputs) {
    StopSignal stop = new StopSignal();
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual().name("import-watch").start(() -> watch(stop, done));
    try {
      return session.run(inputs, names(session), stop);
    } catch (LatheException e) {
      if (e.code() != RuntimeError.STOPPED) {
        throw e;
      }
      throw new LatheException(
          ServerError.BAD_SOURCE,
          "the model did not answer in time (expected: within "
              + most.toMillis()
              + " ms for a few tokens)",
          e);
    } finally {
      done.countDown();
    }
  }

  private static Set<String> names(Session session) {
    return session.outputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
  }

  private void watch(StopSignal stop, CountDownLatch done) {
    try {
      if (!done.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
        stop.stop();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
