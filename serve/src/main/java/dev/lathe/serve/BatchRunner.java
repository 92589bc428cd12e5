package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.RuntimeError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs what was gathered, and gives each request its own answer. If a shared run fails, its
 * requests are run again one by one, so that only those fail that are themselves to blame.
 */
final class BatchRunner {
  private final Engine engine;
  private final RunTimes times;
  private final Batcher.BatchObserver observer;
  private volatile boolean joins;

  /**
   * A runner.
   *
   * @param joins whether the model's signature allows shared runs
   */
  BatchRunner(Engine engine, RunTimes times, Batcher.BatchObserver observer, boolean joins) {
    this.engine = engine;
    this.times = times;
    this.observer = observer;
    this.joins = joins;
  }

  /** Whether runs may be shared: not any more once outputs turned out not to have the rows. */
  boolean joins() {
    return joins;
  }

  /** Every request has ended when this returns. */
  void run(List<Pending> batch) {
    Run run = Run.of(batch);
    long start = System.nanoTime();
    try {
      if (batch.size() == 1) {
        alone(run, start);
      } else if (!together(run, start)) {
        batch.forEach(this::again);
      }
    } catch (Error | RuntimeException e) {
      if (e instanceof LatheException failure && failure.code() == RuntimeError.STOPPED) {
        times.stopped(batch.getFirst().shape(), run.rows(), System.nanoTime() - start);
      }
      if (batch.size() == 1) {
        batch.getFirst().fail(reason(e));
      } else {
        batch.forEach(this::again);
      }
    }
  }

  private void again(Pending pending) {
    if (!pending.isDone()) {
      run(List.of(pending));
    }
  }

  private void alone(Run run, long start) {
    Pending only = run.batch().getFirst();
    Map<String, Tensor> outputs =
        engine.run(only.request().inputs(), only.request().outputs(), run.stop());
    Marks marks = new Marks(start, start, System.nanoTime());
    times.ran(only.shape(), only.rows(), marks.ran() - start);
    InferResponse.Timing timing = marks.timing(only, run);
    // What was counted is seen by whoever has the answer.
    observer.ran(timing);
    only.answer(new InferResponse(outputs, timing));
  }

  private boolean together(Run run, long start) {
    List<Map<String, Tensor>> parts = new ArrayList<>(run.batch().size());
    run.batch().forEach(pending -> parts.add(pending.request().inputs()));
    Map<String, Tensor> inputs = Rows.join(parts);
    long joined = System.nanoTime();
    Map<String, Tensor> outputs = engine.run(inputs, wanted(run.batch()), run.stop());
    Marks marks = new Marks(start, joined, System.nanoTime());
    long rows = run.rows();
    if (outputs.values().stream().anyMatch(t -> t.rank() == 0 || t.dim(0) != rows)) {
      joins = false;
      return false;
    }
    times.ran(run.batch().getFirst().shape(), rows, marks.ran() - start);
    List<InferResponse> answers = new ArrayList<>(run.batch().size());
    long offset = 0;
    for (Pending pending : run.batch()) {
      Map<String, Tensor> own = Rows.slice(outputs, offset, pending.rows());
      Set<String> asked = pending.request().outputs();
      if (!asked.isEmpty()) {
        own.keySet().retainAll(asked);
      }
      offset += pending.rows();
      answers.add(new InferResponse(own, marks.timing(pending, run)));
    }
    observer.ran(answers.getFirst().timing());
    for (int i = 0; i < answers.size(); i++) {
      run.batch().get(i).answer(answers.get(i));
    }
    return true;
  }

  private static Set<String> wanted(List<Pending> batch) {
    Set<String> wanted = new HashSet<>();
    for (Pending pending : batch) {
      if (pending.request().outputs().isEmpty()) {
        return Set.of();
      }
      wanted.addAll(pending.request().outputs());
    }
    return wanted;
  }

  /** When a run began, when its inputs were joined, and when the model had run. */
  private record Marks(long start, long joined, long ran) {
    InferResponse.Timing timing(Pending one, Run run) {
      return new InferResponse.Timing(
          start - one.arrived(),
          joined - start,
          ran - joined,
          System.nanoTime() - ran,
          run.batch().size(),
          run.rows(),
          start);
    }
  }

  private static LatheException reason(Throwable failure) {
    return failure instanceof LatheException known
        ? known
        : new LatheException(ServeError.RUN_FAILED, "the model's run failed", failure);
  }
}
