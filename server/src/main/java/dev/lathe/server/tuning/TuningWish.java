package dev.lathe.server.tuning;

import java.util.Map;
import java.util.Optional;

/**
 * What a caller asks for. What is absent is chosen by the data and the model.
 *
 * @param model the base, {@code org/name}, {@code org/name@v2} or {@code org/name@environment}
 * @param trainingFile the id of a caller's file
 * @param validationFile the id of another
 * @param suffix what the result's name ends with
 * @param seed what everything random comes from
 * @param epochs how often each example is seen
 * @param batch examples of a step
 * @param rate what the usual learning rate is multiplied by
 * @param metadata what the caller notes
 */
public record TuningWish(
    String model,
    String trainingFile,
    Optional<String> validationFile,
    Optional<String> suffix,
    Optional<Long> seed,
    Optional<Integer> epochs,
    Optional<Integer> batch,
    Optional<Double> rate,
    Map<String, String> metadata) {
  /** Copies the map. */
  public TuningWish {
    metadata = Map.copyOf(metadata);
  }
}
