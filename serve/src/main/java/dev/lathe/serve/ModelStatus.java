package dev.lathe.serve;

import dev.lathe.registry.ModelName;

/**
 * How far an environment's wish is fulfilled here.
 *
 * @param model the model
 * @param environment the environment
 * @param live the version that answers, {@code v<N>}; empty if none is loaded
 * @param wanted the version that the environment names
 * @param problem why the wanted version does not answer; empty if it does
 * @param parked whether none is loaded because others wanted the memory, or nobody asked: the next
 *     request loads it
 */
public record ModelStatus(
    ModelName model,
    String environment,
    String live,
    String wanted,
    String problem,
    boolean parked) {
  /**
   * Whether some version answers.
   *
   * @return true if one is loaded
   */
  public boolean ready() {
    return !live.isEmpty();
  }
}
