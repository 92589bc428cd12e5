package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.Optional;

/** A change of what an environment says. */
@FunctionalInterface
public interface PlanChange {
  /**
   * The new plan. Called while nobody else can change the environment.
   *
   * @param before what the environment says; empty if it is not there
   * @return what it is to say; the same changes nothing
   */
  DeploymentPlan apply(Optional<DeploymentPlan> before);

  /**
   * Why the change is made.
   *
   * @return the commit's message; empty for one that says what changed
   */
  default String reason() {
    return "";
  }

  /**
   * This change with a reason.
   *
   * @param why the commit's message
   * @return the same change, told so
   */
  default PlanChange because(String why) {
    PlanChange self = this;
    return new PlanChange() {
      @Override
      public DeploymentPlan apply(Optional<DeploymentPlan> before) {
        return self.apply(before);
      }

      @Override
      public String reason() {
        return why;
      }
    };
  }

  /**
   * Makes a version live and ends what is on trial; the other settings stay.
   *
   * @param version {@code v<N>}
   * @return the change
   */
  static PlanChange live(String version) {
    return before ->
        before.map(plan -> plan.withLive(version)).orElseGet(() -> DeploymentPlan.of(version));
  }

  /**
   * The plan of an environment that must be there.
   *
   * @param before what the environment says
   * @return the plan
   * @throws LatheException UNKNOWN_ENVIRONMENT
   */
  static DeploymentPlan require(Optional<DeploymentPlan> before) {
    return before.orElseThrow(
        () ->
            new LatheException(
                RegistryError.UNKNOWN_ENVIRONMENT,
                "nothing is live in the environment (expected: a version that was deployed)"));
  }
}
