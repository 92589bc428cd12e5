package dev.lathe.server;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.Deployment;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.VersionInfo;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Map;
import java.util.Optional;

/** Runs released versions in this process. */
final class Predictor implements AutoCloseable {
  private static final String USUAL = "prod";

  private final Registry registry;

  Predictor(Registry registry) {
    this.registry = registry;
  }

  Prediction predict(ModelName model, String version, Map<String, Tensor> inputs) {
    VersionInfo chosen = registry.show(model, version.isEmpty() ? usual(model) : version);
    java.nio.file.Path file = registry.materialize(model, chosen.version()).resolve(Release.MODEL);
    try (Session session = Session.open(file, SessionOptions.defaults())) {
      return new Prediction(
          model.toString(), chosen.version(), session.run(inputs), chosen.metadata().labels());
    }
  }

  private String usual(ModelName model) {
    Optional<Deployment> live = registry.deployment(model, USUAL);
    return live.map(Deployment::live).orElse("latest");
  }

  @Override
  public void close() {}
}
