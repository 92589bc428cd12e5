package dev.lathe.transform;

/**
 * Huber's loss: of an error e, {@code s·e²/2} where {@code |e| ≤ δ} and {@code s·δ·(|e| - δ/2)}
 * beyond; {@code lᵢ} is its mean over the features of an example. Prediction and target are FLOAT
 * of one shape [N, …].
 *
 * @param delta δ, where the loss turns from square to straight, above 0
 * @param scale s, above 0
 * @see <a href="https://doi.org/10.1214/aoms/1177703732">Huber 1964</a>
 */
public record Huber(double delta, double scale) implements Loss {
  /** Checks the ranges. */
  public Huber {
    Settings.requireAbove0("delta", delta);
    Settings.requireAbove0("scale", scale);
  }

  /**
   * Huber's loss as PyTorch's {@code HuberLoss} has it.
   *
   * @param delta where the loss turns from square to straight
   * @return scale 1
   */
  public static Huber of(double delta) {
    return new Huber(delta, 1);
  }

  /**
   * PyTorch's {@code SmoothL1Loss}, whose slope beyond the turn is 1.
   *
   * @param beta where the loss turns from square to straight
   * @return scale {@code 1/β}
   */
  public static Huber smoothL1(double beta) {
    return new Huber(beta, 1 / beta);
  }
}
