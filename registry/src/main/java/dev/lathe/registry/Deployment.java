package dev.lathe.registry;

import java.time.Instant;

/**
 * What an environment says now.
 *
 * @param model the model
 * @param environment the environment's name, without {@code env/}
 * @param plan which version is live, which are on trial, and how they are served
 * @param commit the commit on {@code env/<environment>} that says so, 40 hexadecimal digits
 * @param author who changed it last
 * @param time since when, to the second
 */
public record Deployment(
    ModelName model,
    String environment,
    DeploymentPlan plan,
    String commit,
    Author author,
    Instant time) {
  /**
   * The version that is live.
   *
   * @return {@code v<N>}
   */
  public String live() {
    return plan.live();
  }
}
