package dev.lathe.zoo;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * Affine layers with an activation between them.
 *
 * @param inputs features, the size of x's second axis
 * @param hidden sizes of the hidden layers, first to last
 * @param outputs scores, the size of y's second axis
 * @param activation the function after each hidden layer
 */
public record Mlp(int inputs, List<Integer> hidden, int outputs, Activation activation)
    implements Architecture {
  @Override
  public Model build(long seed, Initializer initializer) {
    throw new UnsupportedOperationException();
  }
}
