package dev.lathe.train.data.source;

import dev.lathe.train.Missing;
import dev.lathe.train.Normalization;
import dev.lathe.train.Task;
import java.util.List;

/**
 * How records become examples.
 *
 * @param targets which fields hold targets: {@code first}, {@code last}, a name, or a place from 0;
 *     all others are features
 * @param features which fields are features, named likewise; empty for all that are no targets
 * @param task what is asked of a model
 * @param normalization how features are normalized
 * @param shape the shape of one example's features; empty for [F]
 * @param split which records are kept for what
 * @param separator what stands between labels that one field lists; empty for none
 * @param missing what becomes of features that are missing
 * @param windowBytes how many bytes of examples are shuffled among each other; at least one example
 *     is
 */
public record TableSpec(
    List<String> targets,
    List<String> features,
    Task task,
    Normalization normalization,
    List<Long> shape,
    Split split,
    String separator,
    Missing missing,
    long windowBytes) {
  /**
   * How records with targets of one value each become examples.
   *
   * @param targets which fields hold targets
   * @param features which fields are features
   * @param task what is asked of a model
   * @param normalization how features are normalized
   * @param shape the shape of one example's features
   * @param split which records are kept for what
   * @param windowBytes how many bytes of examples are shuffled among each other
   */
  public TableSpec(
      List<String> targets,
      List<String> features,
      Task task,
      Normalization normalization,
      List<Long> shape,
      Split split,
      long windowBytes) {
    this(targets, features, task, normalization, shape, split, "", Missing.ERROR, windowBytes);
  }

  /** Copies the lists. */
  public TableSpec {
    targets = List.copyOf(targets);
    features = List.copyOf(features);
    shape = List.copyOf(shape);
  }
}
