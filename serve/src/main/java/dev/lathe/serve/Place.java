package dev.lathe.serve;

import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.ModelName;
import java.util.Optional;

/**
 * A part that a version plays in an environment.
 *
 * @param model the model
 * @param environment the environment
 * @param role which part
 */
record Place(ModelName model, String environment, Role role) {
  /** The parts. */
  enum Role {
    /** Answers. */
    LIVE("live in"),
    /** Answers some of the requests. */
    CANARY("the canary of"),
    /** Answers copies. */
    SHADOW("the shadow of");

    private final String words;

    Role(String words) {
      this.words = words;
    }

    /** What a version is to its environment. */
    String words() {
      return words;
    }
  }

  static Place live(ModelName model, String environment) {
    return new Place(model, environment, Role.LIVE);
  }

  Place as(Role other) {
    return new Place(model, environment, other);
  }

  /** What the environment wants here: the version of this part, served as all are. */
  Optional<Source.Wish> wish(Source source) {
    return source.wish(model, environment).flatMap(this::part);
  }

  private Optional<Source.Wish> part(Source.Wish whole) {
    return version(whole.plan())
        .map(one -> new Source.Wish(whole.plan().withLive(one), whole.change()));
  }

  /** The version that plays this part, if the environment says this. */
  Optional<String> version(DeploymentPlan plan) {
    return switch (role) {
      case LIVE -> Optional.of(plan.live());
      case CANARY -> plan.canary().map(DeploymentPlan.Canary::version);
      case SHADOW -> plan.shadow().map(DeploymentPlan.Shadow::version);
    };
  }
}
