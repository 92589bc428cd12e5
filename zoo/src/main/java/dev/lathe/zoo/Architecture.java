package dev.lathe.zoo;

import dev.lathe.ir.Model;

/**
 * A family of models with its sizes, from which a model with fresh weights is built.
 *
 * <p>Every built model has an input {@code x}, FLOAT [N, …] of features or INT64 [N, T] of tokens,
 * and one output {@code y} of raw scores, no softmax: FLOAT [N, outputs], or FLOAT [N, T, outputs]
 * where each token gets its own. Its parameters and running statistics are initializers named as
 * PyTorch names them; nothing else is an initializer.
 */
public sealed interface Architecture permits Linear, Mlp, Cnn, ResNet, DepthwiseCnn, Gpt {
  /**
   * Builds the model with weights drawn as PyTorch or the architecture's paper draws them.
   *
   * @param seed the same seed gives the same weights, bit for bit, on every machine
   * @return a model that passes the checker
   */
  Model build(long seed);
}
