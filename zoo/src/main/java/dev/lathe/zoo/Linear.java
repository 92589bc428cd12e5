package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;

/**
 * One affine layer: y = x·Wᵀ + b, x FLOAT [N, inputs].
 *
 * @param inputs features, the size of x's second axis
 * @param outputs scores, the size of y's second axis
 */
public record Linear(int inputs, int outputs) implements Architecture {
  /**
   * Refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public Linear {
    Limits.require("linear: inputs", inputs, 1, Limits.MOST_FEATURES);
    Limits.require("linear: outputs", outputs, 1, Limits.MOST_FEATURES);
  }

  @Override
  public Model build(long seed) {
    return build(seed, Initializer.KAIMING);
  }

  /**
   * Builds the model.
   *
   * @param seed the same seed gives the same weights, bit for bit, on every machine
   * @param initializer how weights are drawn
   * @return a model that passes the checker
   */
  public Model build(long seed, Initializer initializer) {
    Layers layers = new Layers("linear", seed, initializer);
    layers.input(inputs);
    layers.linear(inputs, outputs);
    return layers.build(outputs);
  }
}
