package dev.lathe.transform;

import java.util.Map;

/**
 * Adagrad: {@code g' = g + λ·p; s' = s + g'²; p' = p - η/(1 + (t-1)·d)·g'/(√s' + ε)}.
 *
 * @param rateDecay d, by which the learning rate falls with each step t
 * @param epsilon keeps the division finite, above 0
 * @param initialSum s before the first step
 * @param weightDecay λ, added to the gradient as {@code λ·p}
 * @see <a href="https://jmlr.org/papers/v12/duchi11a.html">Duchi, Hazan, Singer 2011</a>
 */
public record Adagrad(double rateDecay, double epsilon, double initialSum, double weightDecay)
    implements Optimizer {
  /** Checks the ranges. */
  public Adagrad {
    Settings.requireNotNegative("rate_decay", rateDecay);
    Settings.requireAbove0("epsilon", epsilon);
    Settings.requireNotNegative("initial_sum", initialSum);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return no decay of the rate, ε 1e-10, sums from 0, weight decay 0
   */
  public static Adagrad standard() {
    return new Adagrad(0, 1e-10, 0, 0);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    return Map.of(Settings.LEARNING_RATE, (float) (learningRate / (1 + (step - 1) * rateDecay)));
  }
}
