package dev.lathe.transform;

/**
 * How far gradients may go before the optimizer sees them: first each element into ±{@code value},
 * then all parameters together by {@code min(1, norm/(‖g‖ + 1e-6))}, as PyTorch's {@code
 * clip_grad_value_} and {@code clip_grad_norm_} do.
 *
 * @param value largest absolute value of an element, above 0; infinite for none
 * @param norm largest norm over all parameters, above 0; infinite for none
 * @see <a href="https://arxiv.org/abs/1211.5063">Pascanu, Mikolov, Bengio 2013</a>
 */
public record Clipping(double value, double norm) {
  /** Gradients as they are. */
  public static final Clipping NONE =
      new Clipping(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Checks the ranges. */
  public Clipping {
    if (!(value > 0) || !(norm > 0)) {
      throw Settings.bad("clipping by value " + value + ", norm " + norm, "both above 0");
    }
  }

  /**
   * Clips by the norm over all parameters.
   *
   * @param norm the largest norm, above 0
   * @return without a bound on elements
   */
  public static Clipping byNorm(double norm) {
    return new Clipping(Double.POSITIVE_INFINITY, norm);
  }

  /**
   * Clips each element.
   *
   * @param value the largest absolute value, above 0
   * @return without a bound on the norm
   */
  public static Clipping byValue(double value) {
    return new Clipping(value, Double.POSITIVE_INFINITY);
  }

  boolean clipsValue() {
    return Double.isFinite(value);
  }

  boolean clipsNorm() {
    return Double.isFinite(norm);
  }
}
