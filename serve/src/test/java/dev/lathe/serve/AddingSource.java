package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.RegistryError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Versions of one model: v1 adds 1, v2 adds 2, and so on; v13 cannot be loaded, v20 is too large.
 */
final class AddingSource implements Source {
  static final ModelName MODEL = ModelName.parse("demo/adding");

  final Map<String, FakeEngine> engines = new ConcurrentHashMap<>();
  final List<String> reasons = new CopyOnWriteArrayList<>();
  volatile DeploymentPlan plan = DeploymentPlan.of("v1");
  volatile boolean refusing;

  @Override
  public void takeOut(Place place, String canary, String reason) {
    if (refusing) {
      throw new LatheException(RegistryError.STORAGE_FULL, "no room");
    }
    reasons.add(reason);
    plan = plan.withoutCanary();
  }

  @Override
  public List<ModelName> models() {
    return List.of(MODEL);
  }

  @Override
  public boolean exists(ModelName model) {
    return model.equals(MODEL);
  }

  @Override
  public Optional<Wish> wish(ModelName model, String environment) {
    return environment.equals("prod")
        ? Optional.of(new Wish(plan, "change " + plan.hashCode()))
        : Optional.empty();
  }

  @Override
  public long fileBytes(ModelVersion version) {
    return version.version().equals("v20") ? Long.MAX_VALUE / 2 : 100;
  }

  @Override
  public List<String> newest(ModelName model, int most) {
    return List.of();
  }

  @Override
  public Metadata metadata(ModelVersion version) {
    return Metadata.NONE;
  }

  @Override
  public Opened open(ModelVersion version) {
    int number = Integer.parseInt(version.version().substring(1));
    if (number == 13) {
      throw new LatheException(RegistryError.CORRUPT, "unlucky");
    }
    FakeEngine engine = new FakeEngine(number);
    engines.put(version.version(), engine);
    return new Opened(engine, Metadata.NONE);
  }
}
