package dev.lathe.serve;

import dev.lathe.registry.DeploymentPlan;
import java.util.Optional;

/**
 * Which requests a canary answers.
 *
 * @param place the live part beside it
 * @param plan what its environment says
 */
record Lots(Place place, DeploymentPlan plan) {
  /** Whether a request is for the canary. */
  boolean isFor(DeploymentPlan.Canary canary, Visit visit) {
    Optional<String> asked = visit.header(Visit.VARIANT);
    if (asked.isPresent()) {
      return asked.get().equals("canary");
    }
    Optional<DeploymentPlan.Header> header = canary.header();
    if (header.isPresent()) {
      Optional<String> value = visit.header(header.get().name());
      String wanted = header.get().value();
      if (value.isPresent() && (wanted.isEmpty() || wanted.equals(value.get()))) {
        return true;
      }
    }
    String key = key(visit);
    return canary.percent().isPresent()
        && !key.isEmpty()
        && Lot.of(place, canary.version(), key) * 100 < canary.percent().get();
  }

  /** A sequence is its caller's, so that all of it must go one way. */
  private String key(Visit visit) {
    boolean sequences = plan.serving().flatMap(serving -> serving.sequence()).isPresent();
    return sequences
        ? visit.caller()
        : visit.header(Visit.CALLER).filter(name -> !name.isEmpty()).orElse(visit.request());
  }
}
