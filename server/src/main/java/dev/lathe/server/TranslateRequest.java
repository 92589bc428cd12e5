package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * Texts to be written anew.
 *
 * @param version as for {@link Lathe#predict}
 * @param texts the texts; one that is too long for the model is refused, not cut
 * @param source the language of the texts as the model's tokens name it, such as {@code eng_Latn};
 *     for models of several languages
 * @param target the language to write in, named likewise
 * @param beams how many beams search; absent for what the model's makers say
 * @param maxTokens the most tokens of a text that is written; absent for what they say
 * @param alternatives how many more texts to give for each, at most one less than beams
 */
public record TranslateRequest(
    Optional<String> version,
    List<String> texts,
    Optional<String> source,
    Optional<String> target,
    Optional<Integer> beams,
    Optional<Integer> maxTokens,
    Optional<Integer> alternatives) {
  /** Copies the texts. */
  public TranslateRequest {
    texts = List.copyOf(texts);
  }

  /**
   * Texts for a model of one pair of languages.
   *
   * @param texts the texts
   * @return a request with everything else as usual
   */
  public static TranslateRequest of(List<String> texts) {
    return new TranslateRequest(
        Optional.empty(),
        texts,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
