package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes live what is on trial, exactly what is meant. Where that is on trial no longer, for example
 * because the canary was taken out meanwhile, it changes nothing: what else is there was not meant.
 *
 * @param as which part is meant; absent: the one that plays the version, or the canary where no
 *     version is given
 * @param version which version is meant, {@code v<N>}; absent: whichever plays the part
 */
public record Promotion(Optional<Part> as, Optional<String> version) implements PlanChange {
  /** The canary, whichever version it is. */
  public static final Promotion OF_CANARY = new Promotion(Optional.empty(), Optional.empty());

  /** The parts on trial. */
  public enum Part {
    /** Answers a part of the requests. */
    CANARY,
    /** Answers copies. */
    SHADOW;

    private String word() {
      return this == CANARY ? "canary" : "shadow";
    }
  }

  /** Refuses what can be no version. */
  public Promotion {
    version.ifPresent(one -> Bounds.version("version", one));
  }

  /**
   * The plan with what is meant live and nothing on trial.
   *
   * @throws LatheException UNKNOWN_ENVIRONMENT; NO_TRIAL if what is meant is not on trial
   */
  @Override
  public DeploymentPlan apply(Optional<DeploymentPlan> before) {
    DeploymentPlan plan = PlanChange.require(before);
    return plan.withLive(found(plan).orElseThrow(() -> absent(plan)));
  }

  private Optional<String> found(DeploymentPlan plan) {
    Optional<String> canary = plan.canary().map(DeploymentPlan.Canary::version).filter(this::isIt);
    Optional<String> shadow = plan.shadow().map(DeploymentPlan.Shadow::version).filter(this::isIt);
    if (as.isEmpty() && version.isPresent()) {
      return canary.or(() -> shadow);
    }
    return as.orElse(Part.CANARY) == Part.CANARY ? canary : shadow;
  }

  private boolean isIt(String playing) {
    return version.isEmpty() || version.get().equals(playing);
  }

  private LatheException absent(DeploymentPlan plan) {
    List<String> there = new ArrayList<>();
    plan.canary().ifPresent(canary -> there.add("canary " + canary.version()));
    plan.shadow().ifPresent(shadow -> there.add("shadow " + shadow.version()));
    String part = as.isEmpty() && version.isPresent() ? "" : as.orElse(Part.CANARY).word() + " ";
    return new LatheException(
        RegistryError.NO_TRIAL,
        "on trial beside %s: %s (expected: %s); nothing was changed"
            .formatted(
                plan.live(),
                there.isEmpty() ? "nothing" : String.join(", ", there),
                (part + version.orElse("")).strip()));
  }
}
