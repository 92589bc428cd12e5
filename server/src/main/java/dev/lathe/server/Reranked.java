package dev.lathe.server;

import java.util.List;

/**
 * Documents in the order in which they fit a query.
 *
 * @param model its name
 * @param version the version that was asked
 * @param results the best first
 * @param tokens tokens that the model read
 */
public record Reranked(String model, String version, List<Result> results, int tokens) {
  /** Copies the list. */
  public Reranked {
    results = List.copyOf(results);
  }

  /**
   * A document's place.
   *
   * @param index which document, from 0
   * @param score how well it fits: 0 to 1 from a model of pairs, −1 to 1 from one of features
   */
  public record Result(int index, double score) {}
}
