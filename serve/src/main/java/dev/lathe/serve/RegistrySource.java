package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
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

/** Versions from the registry, run by ONNX Runtime. */
record RegistrySource(Registry registry) implements Source {
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
    return registry.show(version.model(), version.version()).files().stream()
        .filter(file -> !file.path().endsWith(".yaml"))
        .mapToLong(VersionFile::size)
        .sum();
  }

  @Override
  public List<String> newest(ModelName model, int most) {
    return registry.exists(model)
        ? registry.log(model).stream().limit(most).map(VersionInfo::version).toList()
        : List.of();
  }

  @Override
  public Opened open(ModelVersion version) {
    Metadata metadata = metadata(version);
    Path folder = registry.materialize(version.model(), version.version());
    if (metadata.pipeline().isEmpty()) {
      List<WarmSamples.Sample> samples = WarmSamples.read(folder);
      return new Opened(engine(folder), metadata, OpenPipeline.NONE, samples);
    }
    PipelineNesting.require(this, version);
    OpenPipeline pipeline = OpenPipeline.open(metadata, folder, version.toString());
    try {
      return new Opened(
          pipeline.hasOwnModel() ? engine(folder) : new NoEngine(), metadata, pipeline, List.of());
    } catch (LatheException e) {
      pipeline.close();
      throw e;
    }
  }

  private static Engine engine(Path folder) {
    return SessionEngine.of(Session.open(folder.resolve(Release.MODEL), SessionOptions.defaults()));
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
