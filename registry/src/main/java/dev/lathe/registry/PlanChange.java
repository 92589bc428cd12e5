package dev.lathe.registry;

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
}
