package dev.lathe.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;

/** Changes what an environment says: one commit on the environment's branch. */
final class Deploy {
  private final RegistryOptions options;

  Deploy(RegistryOptions options) {
    this.options = options;
  }

  /**
   * Writes a plan, unless it is what the environment says already; the caller holds the model's
   * lock, and the plan's versions exist.
   *
   * @param why the commit's message; empty: what became of the versions
   */
  Deployment apply(ModelRepository repository, String environment, DeploymentPlan plan, String why)
      throws IOException {
    Optional<Deployment> before = repository.deployment(environment);
    if (before.isPresent() && before.get().plan().equals(plan)) {
      return before.get();
    }
    Optional<ObjectId> head = before.map(Deployment::commit).map(ObjectId::fromString);
    Optional<DeploymentPlan> old = before.map(Deployment::plan);
    Commit commit =
        new Commit(
            new TreeMap<>(
                Map.of(DeploymentYaml.PATH, plan.yaml().getBytes(StandardCharsets.UTF_8))),
            head.stream().toList(),
            why.isEmpty() ? message(old, plan, environment) : why,
            options.author(),
            options.clock().instant());
    ObjectId id = commit.insert(repository.git());
    String ref = BareRepository.ENVIRONMENTS + environment;
    Commit.move(repository.git(), List.of(new Commit.RefChange(ref, head, id)));
    return repository.deployment(environment).orElseThrow();
  }

  private static String message(
      Optional<DeploymentPlan> before, DeploymentPlan plan, String environment) {
    Optional<String> from = before.map(DeploymentPlan::live).filter(v -> !v.equals(plan.live()));
    if (before.isEmpty() || from.isPresent()) {
      String arrow = from.map(version -> version + " → ").orElse("");
      return "Deploy to " + environment + ": " + arrow + plan.live();
    }
    String trials = trials(before.get(), plan);
    return "Change " + environment + ": " + (trials.isEmpty() ? "settings" : trials);
  }

  private static String trials(DeploymentPlan before, DeploymentPlan plan) {
    if (!before.canary().equals(plan.canary())) {
      return plan.canary().map(Deploy::canary).orElse("no canary");
    }
    if (!before.shadow().equals(plan.shadow())) {
      return plan.shadow().map(trial -> "shadow " + trial.version()).orElse("no shadow");
    }
    return "";
  }

  private static String canary(DeploymentPlan.Canary canary) {
    String part =
        canary
            .percent()
            .map(percent -> Bounds.plain(percent) + " %")
            .or(() -> canary.header().map(header -> "header " + header.name()))
            .orElseThrow();
    return "canary " + canary.version() + " (" + part + ")";
  }
}
