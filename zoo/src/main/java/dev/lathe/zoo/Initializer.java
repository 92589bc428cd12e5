package dev.lathe.zoo;

/** How the first weights of a layer are drawn. */
public enum Initializer {
  /**
   * Uniform within ±1/√fanIn for weights and biases, which is He's rule with a = √5, PyTorch's own
   * default for linear and convolutional layers.
   *
   * @see <a href="https://arxiv.org/abs/1502.01852">He et al. 2015</a>
   */
  KAIMING,
  /**
   * Uniform within ±√(6 / (fanIn + fanOut)) for weights, zero for biases.
   *
   * @see <a href="https://proceedings.mlr.press/v9/glorot10a.html">Glorot and Bengio 2010</a>
   */
  XAVIER
}
