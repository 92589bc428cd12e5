package dev.lathe.train;

import java.util.List;

/** The network, without the sizes that follow from the data. */
public sealed interface ArchitectureRecipe {
  /** {@code y = x·Wᵀ + b}. */
  record Linear() implements ArchitectureRecipe {}

  /**
   * Fully connected layers.
   *
   * @param hidden sizes of the hidden layers
   * @param activation the function after each hidden layer
   */
  record Mlp(List<Integer> hidden, Activation activation) implements ArchitectureRecipe {
    /** Copies the sizes. */
    public Mlp {
      hidden = List.copyOf(hidden);
    }
  }

  /**
   * Convolutions, each followed by the activation and a 2×2 maximum pool while the image is large
   * enough, then fully connected layers.
   *
   * @param channels output channels of each convolution
   * @param kernel odd side of the kernels; images keep their size
   * @param hidden sizes of the hidden layers behind
   * @param activation the function after each layer but the last
   */
  record Cnn(List<Integer> channels, int kernel, List<Integer> hidden, Activation activation)
      implements ArchitectureRecipe {
    /** Copies the sizes. */
    public Cnn {
      channels = List.copyOf(channels);
      hidden = List.copyOf(hidden);
    }
  }

  /** The function between two layers. */
  enum Activation {
    /** {@code max(0, x)}. */
    RELU,
    /** Hyperbolic tangent. */
    TANH,
    /** Logistic function. */
    SIGMOID
  }
}
