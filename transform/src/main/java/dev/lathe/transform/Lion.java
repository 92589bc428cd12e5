package dev.lathe.transform;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lion, which steps by the sign alone: {@code p' = (1 - η·λ)·p - η·sign(β₁·m + (1-β₁)·g); m' = β₂·m
 * + (1-β₂)·g}.
 *
 * @param beta1 part of the memory in the direction, above 0 and below 1
 * @param beta2 decay of the memory, above 0 and below 1
 * @param weightDecay λ, applied to the parameter itself
 * @see <a href="https://arxiv.org/abs/2302.06675">Chen et al. 2023, algorithm 2</a>
 */
public record Lion(double beta1, double beta2, double weightDecay) implements Optimizer {
  /** Checks the ranges. */
  public Lion {
    Settings.requireWithin("beta1", beta1, Double.MIN_NORMAL, 1);
    Settings.requireWithin("beta2", beta2, Double.MIN_NORMAL, 1);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return β₁ 0.9, β₂ 0.99, weight decay 0
   */
  public static Lion standard() {
    return new Lion(0.9, 0.99, 0);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    Map<String, Float> scalars = new LinkedHashMap<>();
    scalars.put(Settings.LEARNING_RATE, (float) learningRate);
    scalars.put(Settings.DECAY, (float) (1 - learningRate * weightDecay));
    return scalars;
  }
}
