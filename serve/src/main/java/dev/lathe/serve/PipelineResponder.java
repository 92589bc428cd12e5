package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.Signature;
import dev.lathe.registry.Step;
import dev.lathe.registry.StepKind;
import dev.lathe.registry.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Answers by the steps of a pipeline. A request walks through the steps on its caller's thread; its
 * models are asked like by any other caller, so that they join the requests of all who ask them,
 * and what decodes runs on the threads for computing. Only the steps run that the outputs asked for
 * need.
 *
 * <p>As many requests may be on their way as may wait for a model. Certain versions of other models
 * stay in memory as long as the pipeline does; of what an environment names, each request takes
 * what is live.
 */
final class PipelineResponder implements Responder {
  private static final ScopedValue<Integer> DEPTH = ScopedValue.newInstance();

  private final ModelVersion id;
  private final Pipeline pipeline;
  private final PipelineRun.Parts parts;
  private final House house;
  private final Map<Pipeline.Reference, Lease> held;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final InputCheck check;
  private final Semaphore room;

  /** Gives leases on other models. */
  interface Models {
    Lease acquire(ModelName model, Selector selector);
  }

  /** What pipelines share with models. */
  record House(BatchPolicy policy, ComputePool pool, Models models) {}

  private PipelineResponder(
      ModelVersion id, PipelineRun.Parts parts, House house, Map<Pipeline.Reference, Lease> held) {
    this.id = id;
    this.parts = parts;
    this.pipeline = parts.open().pipeline();
    this.house = house;
    this.held = held;
    Signature signature = pipeline.signature(this::signature, id.toString());
    this.inputs = signature.inputs().stream().map(PipelineResponder::value).toList();
    this.outputs = signature.outputs().stream().map(PipelineResponder::value).toList();
    this.check = new InputCheck(inputs, outputs);
    this.room = new Semaphore(house.policy().queueCapacity());
  }

  /**
   * A pipeline whose types fit what its models say now that they are loaded.
   *
   * @param own asks the version's own model; closed with this
   * @throws LatheException BAD_PIPELINE, or why a model cannot be loaded
   */
  static PipelineResponder open(ModelVersion id, OpenPipeline open, Responder own, House house) {
    Map<Pipeline.Reference, Lease> held = new LinkedHashMap<>();
    try {
      for (Step step : open.pipeline().steps().values()) {
        model(step)
            .filter(Pipeline.Reference::isVersion)
            .ifPresent(other -> held.computeIfAbsent(other, key -> lease(house.models(), key)));
      }
      return new PipelineResponder(
          id, new PipelineRun.Parts(open, own, house.pool()), house, Map.copyOf(held));
    } catch (LatheException e) {
      held.values().forEach(Lease::close);
      throw e;
    }
  }

  private Signature signature(Optional<Pipeline.Reference> reference) {
    if (reference.isEmpty()) {
      return Signature.of(parts.own().inputs(), parts.own().outputs());
    }
    Lease known = held.get(reference.get());
    if (known != null) {
      return Signature.of(known.model().inputs(), known.model().outputs());
    }
    try (Lease lease = lease(house.models(), reference.get())) {
      return Signature.of(lease.model().inputs(), lease.model().outputs());
    }
  }

  /** Rows are a request's: all first axes are of one size. */
  private static ValueInfo value(TensorSpec spec) {
    List<Dim> dims = new ArrayList<>();
    for (long size : spec.shape()) {
      Dim open = dims.isEmpty() ? Dim.of("rows") : Dim.UNKNOWN;
      dims.add(size < 0 ? open : Dim.of(size));
    }
    return ValueInfo.tensor(spec.name(), Datatype.elementOf(spec.datatype()), Shape.of(dims));
  }

  /** A model that is not there is the pipeline's trouble: its caller has named none. */
  private static Lease lease(Models models, Pipeline.Reference reference) {
    try {
      return models.acquire(
          reference.model(),
          reference.isVersion()
              ? Selector.version(reference.version())
              : Selector.live(reference.version()));
    } catch (LatheException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      throw new LatheException(
          ServeError.LOAD_FAILED, "the pipeline needs " + reference + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<ValueInfo> inputs() {
    return inputs;
  }

  @Override
  public List<ValueInfo> outputs() {
    return outputs;
  }

  @Override
  public InferResponse infer(InferRequest request) {
    check.rows(request);
    if (!room.tryAcquire()) {
      throw new LatheException(
          ServeError.QUEUE_FULL,
          "queue full: "
              + house.policy().queueCapacity()
              + " requests are on their way through this pipeline (try again soon)");
    }
    int depth = DEPTH.orElse(0) + 1;
    try {
      if (depth > PipelineNesting.DEEPEST) {
        throw new LatheException(
            ServeError.RUN_FAILED,
            id + ": more than " + PipelineNesting.DEEPEST + " pipelines in each other");
      }
      return ScopedValue.where(DEPTH, depth).call(() -> run(request, depth));
    } finally {
      room.release();
    }
  }

  private InferResponse run(InferRequest request, int depth) {
    Set<String> wanted =
        request.outputs().isEmpty() ? pipeline.outputs().keySet() : request.outputs();
    Set<String> needed = needed(wanted);
    Map<Pipeline.Reference, Lease> taken = new LinkedHashMap<>();
    try {
      for (String name : needed) {
        model(pipeline.steps().get(name))
            .filter(other -> !held.containsKey(other))
            .ifPresent(other -> taken.computeIfAbsent(other, key -> lease(house.models(), key)));
      }
      Map<Pipeline.Reference, Lease> leases = new LinkedHashMap<>(held);
      leases.putAll(taken);
      PipelineRun run = new PipelineRun(parts, leases, request, house.policy().timeout());
      for (List<String> stage : pipeline.stages()) {
        run.stage(
            stage.stream().filter(needed::contains).toList(),
            work -> ScopedValue.where(DEPTH, depth).run(work));
      }
      Map<String, Tensor> answers = new LinkedHashMap<>();
      for (ValueInfo output : outputs) {
        if (wanted.contains(output.name())) {
          answers.put(output.name(), run.value(pipeline.outputs().get(output.name())));
        }
      }
      return new InferResponse(answers, run.timing());
    } finally {
      taken.values().forEach(Lease::close);
    }
  }

  private static Optional<Pipeline.Reference> model(Step step) {
    return step.kind() == StepKind.MODEL ? Pipeline.reference(step) : Optional.empty();
  }

  /** The steps that some outputs need. */
  private Set<String> needed(Set<String> wanted) {
    List<String> open = new ArrayList<>();
    wanted.forEach(output -> open.add(pipeline.outputs().get(output).origin()));
    Set<String> needed = new HashSet<>();
    while (!open.isEmpty()) {
      String name = open.removeLast();
      Step step = pipeline.steps().get(name);
      if (step != null && needed.add(name)) {
        step.inputs().values().forEach(source -> open.add(source.origin()));
      }
    }
    return needed;
  }

  /** Requests on their way; those that wait for a model are counted there too. */
  @Override
  public BatchPolicy policy() {
    return house.policy();
  }

  @Override
  public boolean joinable() {
    return check.joinable();
  }

  @Override
  public int waiting() {
    return house.policy().queueCapacity() - room.availablePermits();
  }

  @Override
  public void close() {
    parts.own().close();
    held.values().forEach(Lease::close);
  }
}
