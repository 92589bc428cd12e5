package dev.lathe.server;

import dev.lathe.train.Evaluation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A version with all that is known of it.
 *
 * @param model the model's name
 * @param version {@code v<N>}
 * @param commit the Git commit, 40 hexadecimal digits
 * @param created when it was released
 * @param message what the releaser said
 * @param task what the model is for, for example {@code classification}
 * @param labels the names of the classes, in the order of the scores; empty if there are none
 * @param inputs the signature's inputs
 * @param outputs the signature's outputs
 * @param origin how the version came to be
 * @param files the files of the version
 * @param environments where it is live
 * @param evaluations how good it is beyond single numbers, one for each part of its data that was
 *     held out
 */
public record VersionDetails(
    String model,
    String version,
    String commit,
    Instant created,
    String message,
    String task,
    List<String> labels,
    List<Port> inputs,
    List<Port> outputs,
    Origin origin,
    List<FileEntry> files,
    List<String> environments,
    List<Evaluation> evaluations) {

  /**
   * An input or output of the model.
   *
   * @param name its name
   * @param datatype the element type in Open Inference Protocol words, for example {@code FP32}
   * @param shape the sizes; -1 where any size goes
   */
  public record Port(String name, String datatype, List<Long> shape) {}

  /**
   * A file of the version.
   *
   * @param path its path inside the version
   * @param size bytes of the real content
   * @param storage {@code lfs} for a large file, else {@code git}
   * @param digest of the content, hexadecimal: SHA-256 for {@code lfs}, the blob's id for {@code
   *     git}
   */
  public record FileEntry(String path, long size, String storage, String digest) {}

  /**
   * How the version came to be.
   *
   * @param operation what made it, for example {@code train}
   * @param parents the versions that it was made from, {@code namespace/name@v<N>}
   * @param recipe the file of the version that holds the recipe, if one was run
   * @param data what it learned from
   * @param metrics what was measured, by name
   * @param seed the seed of every random choice
   * @param tool the program that made it, with its version
   */
  public record Origin(
      String operation,
      List<String> parents,
      Optional<String> recipe,
      List<DataEntry> data,
      Map<String, Double> metrics,
      long seed,
      String tool) {}

  /**
   * Data that a version learned from, or files that it was made of.
   *
   * @param name the file, or what made it
   * @param sha256 digest of its bytes, 64 hexadecimal digits
   * @param examples how many examples it held; 0 if it held none
   */
  public record DataEntry(String name, String sha256, long examples) {}
}
