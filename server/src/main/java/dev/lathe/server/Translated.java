package dev.lathe.server;

import java.util.List;

/**
 * What was written for texts.
 *
 * @param model its name
 * @param version the version that wrote
 * @param translations one for each text, in their order
 * @param inputTokens tokens of the texts
 * @param outputTokens tokens that were written
 */
public record Translated(
    String model,
    String version,
    List<Translation> translations,
    int inputTokens,
    int outputTokens) {
  /** Copies the list. */
  public Translated {
    translations = List.copyOf(translations);
  }

  /**
   * What was written for a text.
   *
   * @param text the best
   * @param score its log probability, over its length where beams searched
   * @param alternatives the next best ones, as many as were asked for
   */
  public record Translation(String text, double score, List<Alternative> alternatives) {
    /** Copies the list. */
    public Translation {
      alternatives = List.copyOf(alternatives);
    }
  }

  /**
   * A text that is less likely.
   *
   * @param text the text
   * @param score as for the best
   */
  public record Alternative(String text, double score) {}
}
