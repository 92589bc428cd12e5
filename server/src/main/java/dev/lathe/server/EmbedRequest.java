package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * Texts to become vectors.
 *
 * @param version as for {@link Lathe#predict}
 * @param texts the texts; one that is too long for the model is refused, not cut
 * @param pooling how features of tokens become those of a text: {@code mean}, {@code cls}, {@code
 *     max} or {@code last}; absent for what the model's files say, or mean
 * @param normalize whether vectors have length 1; absent for what the model's files say, or yes
 * @param dimensions the first so many numbers of each vector, for models that are trained for it;
 *     absent for all
 */
public record EmbedRequest(
    Optional<String> version,
    List<String> texts,
    Optional<String> pooling,
    Optional<Boolean> normalize,
    Optional<Integer> dimensions) {
  /** Copies the texts. */
  public EmbedRequest {
    texts = List.copyOf(texts);
  }

  /**
   * Texts with everything else as usual.
   *
   * @param texts the texts
   * @return the request
   */
  public static EmbedRequest of(List<String> texts) {
    return new EmbedRequest(
        Optional.empty(), texts, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
