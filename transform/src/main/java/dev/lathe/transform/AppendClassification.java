package dev.lathe.transform;

import dev.lathe.ir.Model;

/** Turns raw scores into what a caller of a classifier wants: probabilities and a label. */
public final class AppendClassification {
  /** The output with probabilities. */
  public static final String PROBABILITIES = "probabilities";

  /** The output with class indices. */
  public static final String LABEL = "label";

  private AppendClassification() {}

  /**
   * Appends.
   *
   * @param model the model
   * @param scores its output of raw scores, FLOAT [N, K]
   * @return a model whose outputs are {@link #PROBABILITIES} FLOAT [N, K] and {@link #LABEL} INT64
   *     [N], the most probable class, the first of equals. With K = 1 the probability is the
   *     sigmoid's [N, 1] and the label is 1 from a half on
   * @throws dev.lathe.ir.LatheException UNKNOWN_VALUE if there is no such output, SHAPE_MISMATCH if
   *     it is not [N, K] with K known
   */
  public static Model apply(Model model, String scores) {
    throw new UnsupportedOperationException("not yet");
  }
}
