package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.List;
import java.util.Optional;

/**
 * Ends what is on trial; where nothing is, goes back to what was live before the last change.
 *
 * @param history the environment's changes, the newest first; at least one
 */
record TakeBack(List<DeploymentChange> history) implements PlanChange {
  @Override
  public DeploymentPlan apply(Optional<DeploymentPlan> before) {
    DeploymentPlan plan = PlanChange.require(before);
    return plan.canary().isPresent() || plan.shadow().isPresent()
        ? plan.withoutTrials()
        : plan.withLive(liveBefore());
  }

  private String liveBefore() {
    return history.stream()
        .filter(change -> !change.from().equals(change.to()))
        .map(DeploymentChange::from)
        .findFirst()
        .filter(from -> !from.isEmpty())
        .orElseThrow(
            () ->
                new LatheException(
                    RegistryError.UNKNOWN_VERSION,
                    "nothing was live before " + history.getFirst().to()));
  }
}
