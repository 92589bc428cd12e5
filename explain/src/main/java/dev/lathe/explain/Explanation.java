package dev.lathe.explain;

import dev.lathe.ir.Tensor;

/**
 * Why a model answered a row so.
 *
 * @param target k, the class that is explained
 * @param score the target's value for the row
 * @param baselineScore the target's value for the baseline
 * @param attributions what each element of the input added, FLOAT, the shape of one example
 */
public record Explanation(int target, double score, double baselineScore, Tensor attributions) {
  /**
   * What the attributions leave unexplained; 0 for exact integrated gradients.
   *
   * @return score - baseline score - sum of the attributions
   */
  public double gap() {
    double sum = 0;
    for (long i = 0; i < attributions.size(); i++) {
      sum += attributions.doubleAt(i);
    }
    return score - baselineScore - sum;
  }
}
