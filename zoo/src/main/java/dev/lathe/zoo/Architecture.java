package dev.lathe.zoo;

import dev.lathe.ir.Model;

/**
 * A family of models with its sizes, from which a model with fresh weights is built.
 *
 * <p>Every built model has one input {@code x}, FLOAT [N, …], and one output {@code y}, FLOAT [N,
 * outputs]: raw scores, no softmax. Its parameters are initializers named as PyTorch names them
 * ({@code 0.weight}, {@code 0.bias}, by the place of the layer).
 */
public sealed interface Architecture permits Linear, Mlp, Cnn {
  /**
   * Builds the model with weights by {@link Initializer#KAIMING}.
   *
   * @param seed the same seed gives the same weights, bit for bit, on every machine
   * @return a model that passes the checker
   */
  default Model build(long seed) {
    return build(seed, Initializer.KAIMING);
  }

  /**
   * Builds the model.
   *
   * @param seed the same seed gives the same weights, bit for bit, on every machine
   * @param initializer how weights are drawn
   * @return a model that passes the checker
   */
  Model build(long seed, Initializer initializer);
}
