package dev.lathe.server;

import java.util.List;
import java.util.Optional;

/**
 * What a text model is asked.
 *
 * @param turns a conversation, written out by the model's chat template; empty to go on with the
 *     prompt instead
 * @param prompt a text to go on with
 * @param maxTokens the most tokens of the answer; 0 for what the context leaves
 * @param temperature what scores are divided by; the model's usual one where absent; 0 for the best
 *     token always
 * @param topP the share of probability to draw from; the model's usual one where absent
 * @param seed makes the answer repeatable
 * @param stops texts that end the answer
 */
public record TextQuestion(
    List<Turn> turns,
    String prompt,
    int maxTokens,
    Optional<Double> temperature,
    Optional<Double> topP,
    Optional<Long> seed,
    List<String> stops) {
  /** Copies the lists. */
  public TextQuestion {
    turns = List.copyOf(turns);
    stops = List.copyOf(stops);
  }

  /**
   * What was said by one.
   *
   * @param role {@code system}, {@code user} or {@code assistant}
   * @param content the text
   */
  public record Turn(String role, String content) {}
}
