package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.Step;
import dev.lathe.registry.StepKind;
import dev.lathe.serve.pipeline.BuiltInStep;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** One request on its way through a pipeline. */
final class PipelineRun {
  private final Parts parts;
  private final Map<Pipeline.Reference, Lease> leases;
  private final InferRequest request;
  private final long start = System.nanoTime();
  private final long patience;

  /** What each step gave. */
  private final Map<String, Map<String, Tensor>> given = new ConcurrentHashMap<>();

  private final AtomicLong queued = new AtomicLong();

  /**
   * What runs the steps.
   *
   * @param open the pipeline and its built-in steps
   * @param own asks the version's own model
   * @param pool threads for what takes long
   */
  record Parts(OpenPipeline open, Responder own, ComputePool pool) {}

  PipelineRun(
      Parts parts, Map<Pipeline.Reference, Lease> leases, InferRequest request, Duration most) {
    this.parts = parts;
    this.leases = leases;
    this.request = request;
    Duration asked = request.options().timeout();
    boolean shorter = asked.isPositive() && asked.compareTo(most) < 0;
    this.patience = (shorter ? asked : most).toNanos();
  }

  /**
   * Runs steps that need nothing of each other, side by side if there are several.
   *
   * @param beside how to run what runs on another thread
   * @throws LatheException of the first step in order that failed
   */
  void stage(List<String> steps, Executor beside) {
    List<FutureTask<Void>> others =
        steps.stream()
            .skip(1)
            .map(name -> new FutureTask<Void>(() -> beside.execute(() -> step(name)), null))
            .toList();
    others.forEach(task -> Thread.ofVirtual().name("lathe-step").start(task));
    try {
      if (!steps.isEmpty()) {
        step(steps.getFirst());
      }
      others.forEach(this::await);
    } finally {
      others.forEach(task -> task.cancel(true));
    }
  }

  /** What a source has given; only after it has. */
  Tensor value(Step.Source source) {
    Map<String, Tensor> tensors = given.get(source.origin());
    if (tensors == null) {
      return request.inputs().get(source.origin());
    }
    return source.output().isEmpty()
        ? tensors.values().iterator().next()
        : tensors.get(source.output());
  }

  /** Where the time went: waiting for models, and the rest. */
  InferResponse.Timing timing() {
    long all = System.nanoTime() - start;
    long waited = Math.min(all, queued.get());
    long rows =
        request.inputs().values().stream()
            .mapToLong(t -> t.rank() == 0 ? 1 : t.dim(0))
            .max()
            .orElse(0);
    return new InferResponse.Timing(waited, 0, all - waited, 0, 1, rows);
  }

  private void step(String name) {
    Step step = parts.open().pipeline().steps().get(name);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    step.inputs().forEach((input, source) -> inputs.put(input, value(source)));
    try {
      if (request.options().cancellation().isCancelled()) {
        throw new LatheException(ServeError.ABANDONED, "the caller went away");
      }
      given.put(
          name,
          step.kind() == StepKind.MODEL
              ? ask(name, step, inputs)
              : compute(parts.open().builtIn().get(name), inputs));
    } catch (LatheException e) {
      throw at(name, e);
    }
  }

  /** The same error with the step's name before its message. */
  private static LatheException at(String name, LatheException e) {
    String message = "step \"" + name + "\": " + e.getMessage();
    return e.retryAfter().isZero()
        ? new LatheException(e.code(), message, e)
        : new LatheException(e.code(), message, e.retryAfter());
  }

  private Map<String, Tensor> ask(String name, Step step, Map<String, Tensor> inputs) {
    InferRequest question =
        new InferRequest(
            inputs, taken(name), request.options().withTimeout(Duration.ofNanos(left())));
    Optional<Pipeline.Reference> other = Pipeline.reference(step);
    InferResponse answer =
        other.isPresent()
            ? leases.get(other.get()).model().infer(question)
            : parts.own().infer(question);
    queued.addAndGet(answer.timing().queueNanos());
    return answer.outputs();
  }

  /** The outputs of a model that somebody takes by name; none if its only one is taken. */
  private Set<String> taken(String name) {
    Pipeline pipeline = parts.open().pipeline();
    Set<String> taken = new HashSet<>();
    pipeline
        .steps()
        .values()
        .forEach(step -> step.inputs().values().forEach(source -> add(name, source, taken)));
    pipeline.outputs().values().forEach(source -> add(name, source, taken));
    return taken.contains("") ? Set.of() : taken;
  }

  private static void add(String name, Step.Source source, Set<String> taken) {
    if (source.origin().equals(name)) {
      taken.add(source.output());
    }
  }

  private Map<String, Tensor> compute(BuiltInStep step, Map<String, Tensor> inputs) {
    if (!step.isLong()) {
      return step.run(inputs);
    }
    FutureTask<Map<String, Tensor>> task = new FutureTask<>(() -> step.run(inputs));
    try {
      parts.pool().run(task);
      return await(task);
    } catch (RejectedExecutionException e) {
      throw new LatheException(ServeError.CLOSED, "the server is stopping", e);
    } finally {
      task.cancel(false);
    }
  }

  private <T> T await(Future<T> task) {
    try {
      return task.get(left(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LatheException known) {
        throw known;
      }
      throw new LatheException(ServeError.RUN_FAILED, "the step failed", e.getCause());
    } catch (TimeoutException e) {
      throw passed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServeError.ABANDONED, "the wait for an answer was interrupted", e);
    }
  }

  /** Nanoseconds until the answer is worthless. */
  private long left() {
    long left = patience - (System.nanoTime() - start);
    if (left <= 0) {
      throw passed();
    }
    return left;
  }

  private LatheException passed() {
    return new LatheException(
        ServeError.DEADLINE_PASSED,
        "no answer within "
            + patience / 1_000_000.0
            + " ms (the request's timeout, or the server's)");
  }
}
