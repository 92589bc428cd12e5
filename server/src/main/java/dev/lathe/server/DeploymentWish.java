package dev.lathe.server;

import dev.lathe.registry.DeploymentPlan;
import java.util.Map;
import java.util.Optional;

/**
 * What an environment is to say.
 *
 * @param version the version: {@code v<N>} or {@code latest}
 * @param environment the environment
 * @param as the part that the version plays; absent: it is live
 * @param percent which part of the requests a canary answers, or a shadow gets copies of, above 0,
 *     at most 100
 * @param header what requests carry that are for the canary
 * @param settings other values of {@code deployment.yaml} by dotted key, as YAML; an empty value
 *     removes the key
 * @param reason why, for the history; absent: what became of the versions
 */
public record DeploymentWish(
    String version,
    String environment,
    Optional<Part> as,
    Optional<Double> percent,
    Optional<DeploymentPlan.Header> header,
    Optional<Map<String, String>> settings,
    Optional<String> reason) {
  /** The parts that a version may play. */
  public enum Part {
    /** Answers. */
    LIVE,
    /** Answers a part of the requests. */
    CANARY,
    /** Answers copies, to be compared. */
    SHADOW
  }

  /**
   * That a version is live.
   *
   * @param version the version
   * @param environment the environment
   * @return the wish
   */
  public static DeploymentWish live(String version, String environment) {
    return new DeploymentWish(
        version,
        environment,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
