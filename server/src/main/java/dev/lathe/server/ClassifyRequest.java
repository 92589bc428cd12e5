package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * Texts to be classified.
 *
 * @param version as for {@link Lathe#predict}
 * @param texts the texts; one that is too long for the model is refused, not cut
 * @param pairs a second text for each, for models that take pairs
 * @param top how many classes to name of each text, the most likely ones; absent for all
 * @param function what makes scores of the model's numbers: {@code softmax}, {@code sigmoid} or
 *     {@code none}; absent for what fits the model
 * @param labels classes that the model was not trained on; it must be one that tells whether a
 *     second text follows from the first
 * @param hypothesis the second text for such a class, which stands for {@code {}}; absent for
 *     {@code This example is {}.}
 */
public record ClassifyRequest(
    Optional<String> version,
    List<String> texts,
    Optional<List<String>> pairs,
    Optional<Integer> top,
    Optional<String> function,
    Optional<List<String>> labels,
    Optional<String> hypothesis) {
  /** Copies the texts. */
  public ClassifyRequest {
    texts = List.copyOf(texts);
  }

  /**
   * Texts with everything else as usual.
   *
   * @param texts the texts
   * @return the request
   */
  public static ClassifyRequest of(List<String> texts) {
    return new ClassifyRequest(
        Optional.empty(),
        texts,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
