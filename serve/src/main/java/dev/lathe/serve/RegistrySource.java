package dev.lathe.serve;

import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextOptions;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.PlanChange;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Serving;
import dev.lathe.registry.TensorSpec;
import dev.lathe.registry.VersionFile;
import dev.lathe.registry.VersionInfo;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.runtime.StopSignal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Versions from the registry, run by ONNX Runtime.
 *
 * @param registry where they are
 * @param text how text models are held in memory
 * @param machine what models share
 * @param threads threads that share the work inside one run, where a deployment says nothing else
 */
record RegistrySource(
    Registry registry, TextSettings text, TextSettings.Machine machine, int threads)
    implements Source {
  /** The task of models that are text models and nothing else. */
  static final String TEXT_TASK = "text-generation";

  /** The task of trained decoders, which also answer with scores for tokens. */
  static final String LANGUAGE_TASK = "language_model";

  private static final String TOKENIZER = "tokenizer.json";

  static RegistrySource of(Registry registry, ServeOptions options) {
    return new RegistrySource(
        registry, options.text(), options.machine(), options.batching().threads());
  }

  @Override
  public List<ModelName> models() {
    return registry.models();
  }

  @Override
  public boolean exists(ModelName model) {
    return registry.exists(model);
  }

  @Override
  public Optional<Wish> wish(ModelName model, String environment) {
    return registry
        .deployment(model, environment)
        .map(deployment -> new Wish(deployment.plan(), deployment.commit()));
  }

  @Override
  public Metadata metadata(ModelVersion version) {
    return registry.show(version.model(), version.version()).metadata();
  }

  @Override
  public long fileBytes(ModelVersion version) {
    return files(registry.show(version.model(), version.version()));
  }

  private static long files(VersionInfo shown) {
    return shown.files().stream()
        .filter(file -> !file.path().endsWith(".yaml"))
        .mapToLong(VersionFile::size)
        .sum();
  }

  @Override
  public long bytesAhead(Served wanted) {
    ModelVersion version = wanted.version();
    VersionInfo shown = registry.show(version.model(), version.version());
    long files = files(shown);
    return speaks(shown) ? files + cacheBytes(options(wanted)) : files;
  }

  /** What a text model may take beside its weights. */
  private static long cacheBytes(TextOptions options) {
    return options.room().cacheBytes() + options.prefixBytes();
  }

  private static boolean speaks(VersionInfo shown) {
    String task = shown.metadata().task();
    return task.equals(TEXT_TASK)
        || task.equals(LANGUAGE_TASK)
            && shown.files().stream().anyMatch(file -> file.path().equals(TOKENIZER));
  }

  private TextOptions options(Served wanted) {
    return text.options(wanted.serving().text().orElse(Serving.Text.NONE), machine);
  }

  @Override
  public List<String> newest(ModelName model, int most) {
    return registry.exists(model)
        ? registry.log(model).stream().limit(most).map(VersionInfo::version).toList()
        : List.of();
  }

  @Override
  public Opened open(Served wanted, PipelineResponder.Models others) {
    ModelVersion version = wanted.version();
    VersionInfo shown = registry.show(version.model(), version.version());
    Metadata metadata = shown.metadata();
    boolean adapter = metadata.task().equals(Metadata.ADAPTER_TASK);
    boolean speaks = speaks(shown);
    if (wanted.serving().text().isPresent() && !speaks) {
      throw new LatheException(
          ServeError.BAD_OPTION,
          "serving.text: said of %s (expected: of a text model%s)"
              .formatted(version, adapter ? ": the adapter's base" : ""));
    }
    if (wanted.threads() == Served.Threads.BACKGROUND
        && (adapter || metadata.task().equals(TEXT_TASK))) {
      throw new LatheException(
          ServeError.NO_SHADOW,
          "shadow: %s makes text, and texts that two versions draw are hardly ever the same"
                  .formatted(version)
              + " (expected: a canary, which is judged by failures and times)");
    }
    if (adapter) {
      TextSlot slot = new AdapterVersion(registry, version, others).slot();
      slot.open(_ -> {});
      return new Opened(new NoEngine(), metadata, OpenPipeline.NONE, List.of(), slot);
    }
    if (metadata.task().equals(TEXT_TASK)) {
      TextSlot slot = slot(version, options(wanted), 0);
      slot.open(_ -> {});
      return new Opened(new NoEngine(), metadata, OpenPipeline.NONE, List.of(), slot);
    }
    int shared = wanted.serving().threads().orElse(threads);
    if (speaks) {
      Path folder = registry.materialize(version.model(), version.version());
      TextOptions options = options(wanted);
      TextSlot slot = slot(version, options, cacheBytes(options));
      return new Opened(
          engine(folder, shared), metadata, OpenPipeline.NONE, WarmSamples.read(folder), slot);
    }
    return open(version, shared);
  }

  @Override
  public Opened open(ModelVersion version) {
    return open(version, threads);
  }

  private Opened open(ModelVersion version, int shared) {
    Metadata metadata = metadata(version);
    Path folder = registry.materialize(version.model(), version.version());
    if (metadata.pipeline().isEmpty()) {
      return alone(folder, metadata, shared);
    }
    PipelineNesting.require(this, version);
    OpenPipeline pipeline = OpenPipeline.open(metadata, folder, version.toString());
    try {
      return new Opened(
          pipeline.hasOwnModel() ? engine(folder, shared) : new NoEngine(), metadata, pipeline);
    } catch (LatheException e) {
      pipeline.close();
      throw e;
    }
  }

  /** Who writes a text for a text does so by parts of the model; the whole of it may never run. */
  private static Opened alone(Path folder, Metadata metadata, int shared) {
    List<WarmSamples.Sample> samples = WarmSamples.read(folder);
    List<String> inputs = metadata.signature().inputs().stream().map(TensorSpec::name).toList();
    if (!SequenceModel.takes(inputs)) {
      return new Opened(
          engine(folder, shared),
          metadata,
          OpenPipeline.NONE,
          samples,
          TextSlot.none(),
          Writer.NONE);
    }
    Model model = OnnxFile.read(folder.resolve(Release.MODEL));
    Writer writer = Writer.open(model, folder, options(shared));
    try {
      Engine engine =
          writer.model().isPresent() && samples.isEmpty()
              ? new LateEngine(model.graph(), () -> engine(folder, shared))
              : engine(folder, shared);
      return new Opened(engine, metadata, OpenPipeline.NONE, samples, TextSlot.none(), writer);
    } catch (Error | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  private TextSlot slot(ModelVersion version, TextOptions options, long reserved) {
    return TextSlot.of(
        () -> TextModel.open(registry.materialize(version.model(), version.version()), options),
        reserved);
  }

  @Override
  public void takeOut(Place place, String canary, String reason) {
    PlanChange change =
        before -> {
          DeploymentPlan plan = PlanChange.require(before);
          return plan.canary().filter(one -> one.version().equals(canary)).isPresent()
              ? plan.withoutCanary()
              : plan;
        };
    registry.change(place.model(), place.environment(), change.because(reason));
  }

  private static Engine engine(Path folder, int threads) {
    return SessionEngine.of(Session.open(folder.resolve(Release.MODEL), options(threads)));
  }

  private static SessionOptions options(int threads) {
    return new SessionOptions(threads, SessionOptions.Memory.RETURNED);
  }

  /** In the place of a model that a version does not have. */
  private record NoEngine() implements Engine {
    @Override
    public List<ValueInfo> inputs() {
      return List.of();
    }

    @Override
    public List<ValueInfo> outputs() {
      return List.of();
    }

    @Override
    public Map<String, Tensor> run(
        Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop) {
      return Map.of();
    }

    @Override
    public long weightBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  /** A session as an engine. */
  private record SessionEngine(Session session, Set<String> names) implements Engine {
    static SessionEngine of(Session session) {
      return new SessionEngine(
          session, session.outputs().stream().map(ValueInfo::name).collect(Collectors.toSet()));
    }

    @Override
    public List<ValueInfo> inputs() {
      return session.inputs();
    }

    @Override
    public List<ValueInfo> outputs() {
      return session.outputs();
    }

    @Override
    public Map<String, Tensor> run(
        Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop) {
      return session.run(inputs, outputs.isEmpty() ? names : outputs, stop);
    }

    @Override
    public long weightBytes() {
      return session.weightBytes();
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
