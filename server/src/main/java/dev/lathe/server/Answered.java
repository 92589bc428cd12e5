package dev.lathe.server;

import java.util.List;

/**
 * Answers that stand in a text. The scores of all spans of the text and of no answer are
 * probabilities: together they are 1.
 *
 * @param model its name
 * @param version the version that was asked
 * @param answers the most likely spans, the best first
 * @param noAnswer how likely it is that the text has no answer
 * @param windows how many windows the text took
 */
public record Answered(
    String model, String version, List<Answer> answers, double noAnswer, int windows) {
  /** Copies the list. */
  public Answered {
    answers = List.copyOf(answers);
  }

  /**
   * A span of the text, whole words.
   *
   * @param text the span
   * @param score how likely it is
   * @param start the place of its first character in the text, in code points
   * @param end the place behind its last character
   */
  public record Answer(String text, double score, int start, int end) {}
}
