package dev.lathe.transform;

import dev.lathe.ir.LatheException;
import java.util.Map;

/**
 * Stochastic gradient descent: {@code d = g + λ·p; b' = μ·b + d; p' = p - η·(d + μ·b'} with
 * Nesterov's form, else {@code b')}. Dampening is 0.
 *
 * @param momentum μ, 0 to below 1
 * @param nesterov whether to look ahead; needs momentum
 * @param weightDecay λ, added to the gradient as {@code λ·p}
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimizer {
  /** Checks the ranges. */
  public Sgd {
    Settings.requireWithin("momentum", momentum, 0, 1);
    Settings.requireNotNegative("weight_decay", weightDecay);
    if (nesterov && momentum == 0) {
      throw new LatheException(
          TransformError.BAD_SETTING, "nesterov without momentum (expected: momentum > 0)");
    }
  }

  /**
   * Plain gradient descent.
   *
   * @return no momentum, no weight decay
   */
  public static Sgd plain() {
    return new Sgd(0, false, 0);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    return Map.of(Settings.LEARNING_RATE, (float) learningRate);
  }
}
