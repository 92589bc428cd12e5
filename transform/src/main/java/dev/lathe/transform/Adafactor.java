package dev.lathe.transform;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adafactor: a second moment kept as its row and column means for parameters of two axes and more
 * (over the last two), so that the state is small; the arithmetic is PyTorch's.
 *
 * <p>{@code w = t^-c; R' = R + w·(rowmean(g²) - R); C' = C + w·(colmean(g²) - C); V =
 * R'·C'/max(mean(R'), ε₁); u = g/√max(V, ε₁²); p' = (1 - η·λ)·p - ρ·max(ε₂, rms(p))·u/max(1,
 * rms(u)/d)} with {@code ρ = min(η, 1/√t)}. Vectors and scalars keep {@code V} itself.
 *
 * @param exponent c, above 0 and below 1: how fast the memory of the second moment grows
 * @param epsilon1 ε₁, smallest mean square, above 0
 * @param epsilon2 ε₂, smallest size of a parameter, above 0
 * @param clipping d, largest root mean square of an update, above 0
 * @param weightDecay λ, applied to the parameter itself
 * @see <a href="https://arxiv.org/abs/1804.04235">Shazeer, Stern 2018, algorithms 4 and 5</a>
 */
public record Adafactor(
    double exponent, double epsilon1, double epsilon2, double clipping, double weightDecay)
    implements Optimizer {
  /** Checks the ranges. */
  public Adafactor {
    Settings.requireWithin("exponent", exponent, Double.MIN_NORMAL, 1);
    Settings.requireAbove0("epsilon1", epsilon1);
    Settings.requireAbove0("epsilon2", epsilon2);
    Settings.requireAbove0("clipping", clipping);
    Settings.requireNotNegative("weight_decay", weightDecay);
  }

  /**
   * The customary settings.
   *
   * @return c 0.8, ε₁ 2⁻²³, ε₂ 1e-3, d 1, weight decay 0
   */
  public static Adafactor standard() {
    return new Adafactor(0.8, 0x1p-23, 1e-3, 1, 0);
  }

  @Override
  public Map<String, Float> scalars(long step, double learningRate) {
    Map<String, Float> scalars = new LinkedHashMap<>();
    scalars.put(Settings.STEP_SIZE, (float) Math.min(learningRate, 1 / Math.sqrt(step)));
    scalars.put(Settings.NEWS, (float) Math.pow(step, -exponent));
    scalars.put(Settings.DECAY, (float) (1 - learningRate * weightDecay));
    return scalars;
  }
}
