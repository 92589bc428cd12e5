package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.runtime.StopSignal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model once to see whether it answers: on a thread of its own, so that a model that hangs
 * holds up nobody, and beside its requests, which do not wait for it and do not count it.
 */
final class Checkup {
  private final Engine engine;
  private final Optional<WarmSamples.Sample> sample;
  private @Nullable Thread running;

  /**
   * Checks of a model.
   *
   * @param engine runs it
   * @param samples requests that it must be able to answer; the first one is asked, or zeros if
   *     there are none
   */
  Checkup(Engine engine, List<WarmSamples.Sample> samples) {
    this.engine = engine;
    this.sample = samples.stream().findFirst();
  }

  /**
   * Runs the first sample, or else the smallest request that the signature allows.
   *
   * @param patience how long it may take
   * @param after what to do when the run has ended, which may be later than this returns
   * @return why the model does not answer; empty if it does, or if its signature does not tell what
   *     to ask
   */
  synchronized Optional<String> run(Duration patience, Runnable after) {
    Thread before = running;
    if (before != null && before.isAlive()) {
      after.run();
      return Optional.of(late(patience));
    }
    AtomicReference<@Nullable String> problem = new AtomicReference<>(late(patience));
    StopSignal stop = new StopSignal();
    Thread thread =
        Thread.ofPlatform().daemon().name("lathe-checkup").start(() -> run(problem, stop, after));
    running = thread;
    try {
      long start = System.nanoTime();
      boolean ended = thread.join(patience);
      if (!ended || System.nanoTime() - start > patience.toNanos()) {
        stop.stop();
        return Optional.of(late(patience));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.stop();
      return Optional.empty();
    }
    return Optional.ofNullable(problem.get());
  }

  private String late(Duration patience) {
    return what() + " did not end within " + patience.toMillis() + " ms";
  }

  private String what() {
    return "a run on " + sample.map(WarmSamples.Sample::file).orElse("zeros");
  }

  private void run(AtomicReference<@Nullable String> problem, StopSignal stop, Runnable after) {
    try {
      if (sample.isPresent()) {
        engine.run(sample.get().inputs(), Set.of(), stop);
        problem.set(null);
        return;
      }
      Optional<Zeros> zeros = Zeros.of(engine.inputs());
      if (zeros.isEmpty()) {
        problem.set(null);
        return;
      }
      try {
        engine.run(zeros.get().inputs(), Set.of(), stop);
        problem.set(null);
      } catch (LatheException e) {
        problem.set(zeros.get().certain() ? e.getMessage() : null);
      }
    } catch (Error | RuntimeException e) {
      problem.set(what() + " failed: " + (e instanceof LatheException ? e.getMessage() : e));
    } finally {
      after.run();
    }
  }
}
