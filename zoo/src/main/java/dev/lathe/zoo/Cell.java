package dev.lathe.zoo;

/** The kind of a recurrent layer, by ONNX's name of its operator. */
public enum Cell {
  /**
   * Long short-term memory.
   *
   * @see <a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter and Schmidhuber 1997</a>
   */
  LSTM(4),
  /**
   * Gated recurrent units, the reset gate behind the matrix as in PyTorch.
   *
   * @see <a href="https://arxiv.org/abs/1406.1078">Cho et al. 2014</a>
   */
  GRU(3);

  private final int gates;

  Cell(int gates) {
    this.gates = gates;
  }

  int gates() {
    return gates;
  }
}
