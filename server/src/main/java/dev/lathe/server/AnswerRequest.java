package dev.lathe.server;

import java.util.Optional;

/**
 * A question to a text.
 *
 * @param version as for {@link Lathe#predict}
 * @param question the question
 * @param context the text in which the answer stands; as long as need be
 * @param top how many answers to give; absent for 1
 * @param maxAnswerTokens the most tokens of an answer; absent for 30
 * @param window the most tokens that the model looks at together, question and text; absent for 384
 *     or what the model can
 * @param stride how many tokens of the text two windows share; absent for 128, or a quarter of a
 *     smaller window
 * @param allowNoAnswer whether to give nothing where it is more likely that the text has no answer;
 *     absent for no
 */
public record AnswerRequest(
    Optional<String> version,
    String question,
    String context,
    Optional<Integer> top,
    Optional<Integer> maxAnswerTokens,
    Optional<Integer> window,
    Optional<Integer> stride,
    Optional<Boolean> allowNoAnswer) {
  /**
   * A question with everything else as usual.
   *
   * @param question the question
   * @param context the text
   * @return the request
   */
  public static AnswerRequest of(String question, String context) {
    return new AnswerRequest(
        Optional.empty(),
        question,
        context,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
