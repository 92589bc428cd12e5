package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Deployment;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.DeploymentPlan.Canary;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.registry.DeploymentPlan.Shadow;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.PlanChange;
import dev.lathe.registry.Promotion;
import dev.lathe.registry.Registry;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.VersionInfo;
import dev.lathe.serve.TrialReport;
import dev.lathe.serve.TrialReport.State;
import dev.lathe.server.DeploymentWish.Part;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rollouts in this process.
 *
 * @param registry where environments are
 * @param predictor hears of changes, and knows what was seen
 */
record LocalRollouts(Registry registry, Predictor predictor) implements Rollouts {
  @Override
  public DeploymentInfo change(String model, DeploymentWish wish) {
    ModelName name = ModelName.parse(model);
    String version = registry.show(name, wish.version()).version();
    // What is damaged is refused before the environment names it.
    registry.materialize(name, version);
    requirePart(wish);
    requireComparable(registry.show(name, version), wish);
    PlanChange change =
        before -> plan(before, version, wish).with(wish.settings().orElse(Map.of()));
    return changed(
        registry.change(name, wish.environment(), change.because(wish.reason().orElse(""))));
  }

  private static DeploymentPlan plan(
      Optional<DeploymentPlan> before, String version, DeploymentWish wish) {
    return switch (wish.as().orElse(Part.LIVE)) {
      case LIVE -> PlanChange.live(version).apply(before);
      case CANARY ->
          PlanChange.require(before)
              .withCanary(new Canary(version, wish.percent(), wish.header()))
              .withRollbackOr(RollbackRule.USUAL);
      case SHADOW -> PlanChange.require(before).withShadow(new Shadow(version, wish.percent()));
    };
  }

  private static void requirePart(DeploymentWish wish) {
    Part part = wish.as().orElse(Part.LIVE);
    if (part == Part.LIVE && wish.percent().isPresent()) {
      throw bad("percent: " + wish.percent().get() + " (expected: only with canary or shadow)");
    }
    if (part != Part.CANARY && wish.header().isPresent()) {
      throw bad("header: \"" + wish.header().get().name() + "\" (expected: only with canary)");
    }
  }

  private static void requireComparable(VersionInfo version, DeploymentWish wish) {
    boolean text =
        version.metadata().task().equals("text-generation")
            || version.metadata().adapterOf().isPresent();
    if (text && wish.as().orElse(Part.LIVE) == Part.SHADOW) {
      throw bad(
          "shadow: %s@%s makes text, and texts that two versions draw are hardly ever the same"
                  .formatted(version.model(), version.version())
              + " (expected: a canary, which is judged by failures and times)");
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }

  @Override
  public DeploymentInfo promote(String model, String environment, Promotion which) {
    ModelName name = ModelName.parse(model);
    return changed(
        registry.change(
            name,
            environment,
            before -> {
              DeploymentPlan after = which.apply(before);
              requireNotBad(name, environment, after.live());
              return after;
            }));
  }

  /** A canary that was found bad may still be in its environment for a moment, or a full disk. */
  private void requireNotBad(ModelName model, String environment, String version) {
    predictor
        .trial(model, environment)
        .flatMap(TrialReport::canary)
        .filter(one -> one.version().equals(version) && one.state() == State.ROLLED_BACK)
        .ifPresent(
            bad -> {
              throw new LatheException(
                  RegistryError.NO_TRIAL,
                  "canary "
                      + version
                      + " was found bad and is being taken out: "
                      + bad.reason()
                      + "; nothing was changed");
            });
  }

  @Override
  public DeploymentInfo rollback(String model, String environment) {
    return changed(registry.rollback(ModelName.parse(model), environment));
  }

  private DeploymentInfo changed(Deployment now) {
    predictor.deployed(now.model(), now.environment());
    return Views.deployment(now);
  }

  @Override
  public List<DeploymentEvent> history(String model, String environment) {
    return registry.history(ModelName.parse(model), environment).stream()
        .map(
            change ->
                new DeploymentEvent(
                    change.from(),
                    change.to(),
                    change.time(),
                    change.author().name(),
                    change.message().strip(),
                    change.commit()))
        .toList();
  }

  @Override
  public TrialReport trial(String model, String environment) {
    ModelName name = ModelName.parse(model);
    registry.history(name, environment);
    return predictor
        .trial(name, environment)
        .orElseThrow(
            () ->
                new LatheException(
                    ServerError.NOT_FOUND,
                    "nothing of " + model + " is on trial in \"" + environment + "\""));
  }
}
