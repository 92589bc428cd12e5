package dev.lathe.zoo;

import java.util.Optional;

/**
 * An affine layer to be: y = x·Wᵀ + b, {@code name.weight} [outputs, inputs], {@code name.bias}
 * [outputs].
 *
 * @param name what its parameters' names start with
 * @param inputs features in
 * @param outputs features out
 * @param weight how W is drawn
 * @param bias how b is drawn, if there is one
 */
record Affine(String name, int inputs, int outputs, Fill weight, Optional<Fill> bias) {
  /** Drawn as PyTorch draws a linear layer. */
  static Affine standard(String name, int inputs, int outputs) {
    Fill fill = Fill.byFan(inputs);
    return new Affine(name, inputs, outputs, fill, Optional.of(fill));
  }

  /** Normal weights, biases of zero. */
  static Affine normal(String name, int inputs, int outputs, double deviation) {
    return new Affine(name, inputs, outputs, new Fill.Normal(deviation), Optional.of(Fill.ZEROS));
  }

  /** Drawn by Glorot's rule, uniform within ±√(6 / (inputs + outputs)), biases of zero. */
  static Affine glorot(String name, int inputs, int outputs) {
    Fill fill = new Fill.Uniform(Math.sqrt(6.0 / (inputs + outputs)));
    return new Affine(name, inputs, outputs, fill, Optional.of(Fill.ZEROS));
  }

  /** This layer without a bias. */
  Affine unbiased() {
    return new Affine(name, inputs, outputs, weight, Optional.empty());
  }
}
