package dev.lathe.transform;

import java.util.Map;

/**
 * LAMB: Adam's direction with a step as long as the parameter asks for: {@code r = m̂/(√v̂ + ε) +
 * λ·p; p' = p - η·(‖p‖/‖r‖)·r}. Norms are of one whole parameter; where one is zero their ratio is
 * 1.
 *
 * @param beta1 decay of the first moment, above 0 and below 1
 * @param beta2 decay of the second moment, above 0 and below 1
 * @param epsilon keeps the division finite, above 0
 * @param weightDecay λ, added to the direction as {@code λ·p}
 * @see <a href="https://arxiv.org/abs/1904.00962">You et al. 2020, algorithm 2</a>
 */
public record Lamb(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /** Checks the ranges. */
  public Lamb {
    Settings.requireWithin("beta1", beta1, Double.MIN_NORMAL, 1);
    Settings.requireWithin("beta2", beta2, Double.MIN_NORMAL, 1);
    Settings.requireAbove0("epsilon", epsilon);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return β₁ 0.9, β₂ 0.999, ε 1e-6, weight decay 0.01
   */
  public static Lamb standard() {
    return new Lamb(0.9, 0.999, 1e-6, 0.01);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    Map<String, Float> scalars =
        Settings.adamScalars(beta1, beta2, epsilon, new Settings.AdamMoment(step, 1));
    scalars.put(Settings.LEARNING_RATE, (float) learningRate);
    return scalars;
  }
}
