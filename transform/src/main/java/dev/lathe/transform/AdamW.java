package dev.lathe.transform;

import java.util.Map;

/**
 * Adam with decoupled weight decay: {@code p' = (1 - η·λ)·p - η·m̂/(√v̂ + ε)}, the rest as {@link
 * Adam}.
 *
 * @param beta1 decay of the first moment, above 0 and below 1
 * @param beta2 decay of the second moment, above 0 and below 1
 * @param epsilon keeps the division finite, above 0
 * @param weightDecay λ, applied to the parameter itself
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov, Hutter 2019, algorithm 2</a>
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /** Checks the ranges. */
  public AdamW {
    Settings.requireWithin("beta1", beta1, Double.MIN_NORMAL, 1);
    Settings.requireWithin("beta2", beta2, Double.MIN_NORMAL, 1);
    Settings.requireWithin("epsilon", epsilon, Double.MIN_NORMAL, Double.POSITIVE_INFINITY);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.01
   */
  public static AdamW standard() {
    return new AdamW(0.9, 0.999, 1e-8, 0.01);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    Map<String, Float> scalars =
        Settings.adamScalars(beta1, beta2, epsilon, new Settings.AdamMoment(step, learningRate));
    scalars.put(Settings.DECAY, (float) (1 - learningRate * weightDecay));
    return scalars;
  }
}
