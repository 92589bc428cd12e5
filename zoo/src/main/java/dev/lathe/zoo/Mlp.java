package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import java.util.List;

/**
 * Affine layers with an activation between them, x FLOAT [N, inputs].
 *
 * @param inputs features, the size of x's second axis
 * @param hidden sizes of the hidden layers, first to last; may be empty
 * @param outputs scores, the size of y's second axis
 * @param activation the function after each hidden layer
 * @param dropout ratio left out after each activation while training; 0 for none
 */
public record Mlp(
    int inputs, List<Integer> hidden, int outputs, Activation activation, double dropout)
    implements Architecture {
  /**
   * Copies the list and refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public Mlp {
    hidden = List.copyOf(hidden);
    Limits.require("mlp: inputs", inputs, 1, Limits.MOST_FEATURES);
    Limits.requireFeatures("mlp: hidden", hidden);
    Limits.require("mlp: outputs", outputs, 1, Limits.MOST_FEATURES);
    Limits.requireRatio("mlp: dropout", dropout);
  }

  /**
   * A network without dropout.
   *
   * @param inputs features, the size of x's second axis
   * @param hidden sizes of the hidden layers, first to last; may be empty
   * @param outputs scores, the size of y's second axis
   * @param activation the function after each hidden layer
   */
  public Mlp(int inputs, List<Integer> hidden, int outputs, Activation activation) {
    this(inputs, hidden, outputs, activation, 0);
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
    Layers layers = new Layers("mlp", seed, initializer);
    layers.input(inputs);
    layers.dense(inputs, hidden, outputs, new Layers.Between(activation, dropout));
    return layers.build(outputs);
  }
}
