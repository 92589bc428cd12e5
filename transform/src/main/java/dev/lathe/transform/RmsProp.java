package dev.lathe.transform;

import java.util.Map;

/**
 * RMSprop: {@code g' = g + λ·p; s' = α·s + (1-α)·g'²; d = g'/(√s' + ε)}, then {@code p' = p - η·d},
 * or with momentum {@code b' = μ·b + d; p' = p - η·b'}. The centered form takes the square of the
 * mean gradient from {@code s'}, so that it estimates the variance.
 *
 * @param alpha decay of the mean square, above 0 and below 1
 * @param epsilon keeps the division finite, above 0
 * @param momentum μ, 0 to below 1
 * @param centered whether the mean gradient is taken out
 * @param weightDecay λ, added to the gradient as {@code λ·p}
 * @see <a href="https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf">Hinton
 *     2012, lecture 6e; centered: Graves 2013, equations 38 to 45</a>
 */
public record RmsProp(
    double alpha, double epsilon, double momentum, boolean centered, double weightDecay)
    implements Optimizer {
  /** Checks the ranges. */
  public RmsProp {
    Settings.requireWithin("alpha", alpha, Double.MIN_NORMAL, 1);
    Settings.requireAbove0("epsilon", epsilon);
    Settings.requireWithin("momentum", momentum, 0, 1);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return α 0.99, ε 1e-8, no momentum, not centered, weight decay 0
   */
  public static RmsProp standard() {
    return new RmsProp(0.99, 1e-8, 0, false, 0);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    return Map.of(Settings.LEARNING_RATE, (float) learningRate);
  }
}
