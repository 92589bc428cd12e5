package dev.lathe.server;

import java.util.List;

/**
 * The classes of texts, or of their parts.
 *
 * @param model its name
 * @param version the version that was asked
 * @param rows one for each text, in their order
 */
public record Classified(String model, String version, List<Row> rows) {
  /** Copies the rows. */
  public Classified {
    rows = List.copyOf(rows);
  }

  /**
   * What was found for a text.
   *
   * @param classes its classes, the most likely first; empty from a classifier of tokens
   * @param spans the parts that have a class, in the text's order; empty from a classifier of texts
   */
  public record Row(List<Score> classes, List<Span> spans) {
    /** Copies the lists. */
    public Row {
      classes = List.copyOf(classes);
      spans = List.copyOf(spans);
    }
  }

  /**
   * A class with its score.
   *
   * @param label its name, or its number where classes have no names
   * @param score how likely it is, or what the model says
   */
  public record Score(String label, double score) {}

  /**
   * A part of a text that has a class.
   *
   * @param label the class, without the mark that begins or goes on with a part
   * @param score the mean of its tokens
   * @param start the place of its first character, in code points
   * @param end the place behind its last character
   * @param text the part
   */
  public record Span(String label, double score, int start, int end, String text) {}
}
