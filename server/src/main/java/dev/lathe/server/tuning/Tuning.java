package dev.lathe.server.tuning;

import java.util.Map;
import java.util.Optional;

/**
 * What was decided for a job, kept beside it.
 *
 * @param model the base as the caller named it
 * @param base the version that this was, {@code org/name@v2}
 * @param trainingFile the id of the caller's file
 * @param validationFile the id of another, if there is one
 * @param suffix what the result's name ends with, if the caller said so
 * @param seed what everything random comes from
 * @param settings how the model is trained
 * @param metadata what the caller noted
 * @param owner the account whose files are kept with the job, and count as its own
 */
public record Tuning(
    String model,
    String base,
    String trainingFile,
    Optional<String> validationFile,
    Optional<String> suffix,
    long seed,
    Settings settings,
    Map<String, String> metadata,
    Optional<String> owner) {
  /** The name of its file in the job's folder. */
  static final String FILE = "tuning.json";

  /** Copies the map. */
  public Tuning {
    metadata = Map.copyOf(metadata);
  }

  /**
   * How a model is trained.
   *
   * @param epochs how often each example is seen
   * @param batch examples of a step
   * @param rate what the usual learning rate is multiplied by
   */
  public record Settings(int epochs, int batch, double rate) {}

  /** The model that the base is a version of. */
  String baseModel() {
    return base.substring(0, base.lastIndexOf('@'));
  }
}
