package dev.lathe.transform;

import dev.lathe.ir.Model;

/** Replaces nodes whose inputs are all constant by their values. */
public final class FoldConstants {
  private FoldConstants() {}

  /**
   * Folds.
   *
   * @param model the model
   * @param evaluator computes single nodes
   * @return a model with fewer nodes, or the same object if nothing folds
   */
  public static Model apply(Model model, Evaluator evaluator) {
    throw new UnsupportedOperationException("not yet");
  }
}
