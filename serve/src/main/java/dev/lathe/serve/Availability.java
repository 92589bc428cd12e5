package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import java.util.Optional;

/** Which versions of a model can be asked for by number. */
final class Availability {
  private Availability() {}

  /**
   * Refuses a version that the environment's policy does not offer.
   *
   * @throws LatheException NOT_OFFERED
   */
  static void require(Source source, Optional<Source.Wish> wish, ModelVersion version) {
    Optional<DeploymentPlan.VersionPolicy> policy = wish.flatMap(now -> now.plan().versionPolicy());
    if (policy.isEmpty() || wish.orElseThrow().plan().versions().contains(version.version())) {
      return;
    }
    Optional<Integer> latest = policy.get().latest();
    boolean offered =
        latest
            .map(most -> source.newest(version.model(), most))
            .orElse(policy.get().specific())
            .contains(version.version());
    if (!offered) {
      String rule = latest.map(most -> "latest: " + most).orElse("" + policy.get().specific());
      throw new LatheException(
          ServeError.NOT_OFFERED,
          version + ": not offered (expected: what version_policy allows, " + rule + ")");
    }
  }
}
