package dev.lathe.zoo;

/** The function between two layers, by ONNX's name of its operator. */
public enum Activation {
  /** max(x, 0). */
  RELU("Relu"),
  /** tanh(x). */
  TANH("Tanh"),
  /** 1 / (1 + e⁻ˣ). */
  SIGMOID("Sigmoid"),
  /** x·Φ(x). */
  GELU("Gelu");

  private final String op;

  Activation(String op) {
    this.op = op;
  }

  /**
   * The operator.
   *
   * @return ONNX's name
   */
  public String op() {
    return op;
  }
}
