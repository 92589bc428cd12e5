package dev.lathe.explain;

import dev.lathe.ir.Tensor;
import java.util.Optional;

/**
 * What is to be explained.
 *
 * @param target the class k of each row, 0 to K - 1; empty for the one with the greatest score
 * @param baseline one example of the input, or of shape [] for the same number everywhere
 * @param method how
 */
public record Question(Optional<Integer> target, Tensor baseline, Method method) {
  /**
   * Why the greatest score is what it is, against zeros.
   *
   * @return the question, by integrated gradients
   */
  public static Question usual() {
    return new Question(
        Optional.empty(), Tensor.scalar(0f), new Method.IntegratedGradients(Method.USUAL_STEPS));
  }
}
