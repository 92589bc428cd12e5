package dev.lathe.zoo;

import dev.lathe.ir.Model;

/**
 * One affine layer: y = x·Wᵀ + b.
 *
 * @param inputs features, the size of x's second axis
 * @param outputs scores, the size of y's second axis
 */
public record Linear(int inputs, int outputs) implements Architecture {
  @Override
  public Model build(long seed, Initializer initializer) {
    throw new UnsupportedOperationException();
  }
}
