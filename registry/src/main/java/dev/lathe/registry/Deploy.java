package dev.lathe.registry;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;

/** Makes a version live in an environment: one commit on the environment's branch. */
final class Deploy {
  private final RegistryOptions options;

  Deploy(RegistryOptions options) {
    this.options = options;
  }

  /** Deploys; the caller holds the model's lock, and the version exists. */
  Deployment apply(ModelRepository repository, String version, String environment)
      throws IOException {
    Optional<Deployment> before = repository.deployment(environment);
    if (before.isPresent() && before.get().live().equals(version)) {
      return before.get();
    }
    Optional<ObjectId> head = before.map(Deployment::commit).map(ObjectId::fromString);
    byte[] plan = LatheYaml.write(new LatheYaml.Plan(version));
    Commit commit =
        new Commit(
            new TreeMap<>(Map.of(LatheYaml.DEPLOYMENT, plan)),
            head.stream().toList(),
            message(before, version, environment),
            options.author(),
            options.clock().instant());
    ObjectId id = commit.insert(repository.git());
    String ref = BareRepository.ENVIRONMENTS + environment;
    Commit.move(repository.git(), List.of(new Commit.RefChange(ref, head, id)));
    return repository.deployment(environment).orElseThrow();
  }

  private static String message(Optional<Deployment> before, String version, String environment) {
    String from = before.map(deployment -> deployment.live() + " → ").orElse("");
    return "Deploy to " + environment + ": " + from + version;
  }
}
