package dev.lathe.train;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How good a model is beyond single numbers.
 *
 * @param part which examples were answered: {@code test} or {@code validation}
 * @param classes scores of each class; empty where classes were not measured
 * @param confusion how many examples of each class [K] got each class [K] for an answer; empty
 *     where it was not measured
 */
public record Evaluation(String part, List<ClassScore> classes, List<List<Long>> confusion) {
  /** The file beside a released model that holds its evaluations. */
  public static final String FILE = "evaluation.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Copies the lists. */
  public Evaluation {
    classes = List.copyOf(classes);
    confusion = confusion.stream().map(List::copyOf).toList();
  }

  /**
   * Writes evaluations down.
   *
   * @param evaluations the evaluations
   * @return JSON text
   */
  public static String json(List<Evaluation> evaluations) {
    return JSON.writeValueAsString(evaluations) + "\n";
  }

  /**
   * Reads what {@link #json} has written.
   *
   * @param json the text
   * @return the evaluations; none if the text is none of ours
   */
  public static List<Evaluation> parse(byte[] json) {
    try {
      return JSON.readValue(json, new TypeReference<List<Evaluation>>() {});
    } catch (JacksonException e) {
      return List.of();
    }
  }

  /**
   * Whether there is anything that single numbers do not say.
   *
   * @return false if both lists are empty
   */
  boolean hasNews() {
    return !classes.isEmpty() || !confusion.isEmpty();
  }

  /**
   * How well one class is told.
   *
   * @param label its name
   * @param precision right answers among those that name it; 0 if none does
   * @param recall right answers among its examples; 0 if there are none
   * @param f1 harmonic mean of both
   * @param examples how many examples it has
   */
  public record ClassScore(
      String label, double precision, double recall, double f1, long examples) {}
}
