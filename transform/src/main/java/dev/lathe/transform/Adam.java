package dev.lathe.transform;

import java.util.Map;

/**
 * Adam: {@code g' = g + λ·p; m' = β₁·m + (1-β₁)·g'; v' = β₂·v + (1-β₂)·g'²; p' = p - η·m̂/(√v̂ +
 * ε)}, where the hats divide by {@code 1 - βᵗ}.
 *
 * @param beta1 decay of the first moment, above 0 and below 1
 * @param beta2 decay of the second moment, above 0 and below 1
 * @param epsilon keeps the division finite, above 0
 * @param weightDecay λ, added to the gradient as {@code λ·p}
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma, Ba 2015, algorithm 1</a>
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /** Checks the ranges. */
  public Adam {
    Settings.requireWithin("beta1", beta1, Double.MIN_NORMAL, 1);
    Settings.requireWithin("beta2", beta2, Double.MIN_NORMAL, 1);
    Settings.requireWithin("epsilon", epsilon, Double.MIN_NORMAL, Double.POSITIVE_INFINITY);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0
   */
  public static Adam standard() {
    return new Adam(0.9, 0.999, 1e-8, 0);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    return Settings.adamScalars(beta1, beta2, epsilon, new Settings.AdamMoment(step, learningRate));
  }
}
