package dev.lathe.transform.gradient;

import dev.lathe.ir.Node;
import java.util.List;

/** What a recurrent layer does at one step, forwards and back. */
interface RecurrentCell {
  /** The cell of a node. */
  static RecurrentCell of(Node node) {
    return switch (node.op()) {
      case "LSTM" -> new LstmCell();
      case "GRU" -> new GruCell(node);
      default -> new RnnCell(node);
    };
  }

  /** Rows of W and R per hidden unit. */
  int gates();

  /** The activation functions of one direction, as the operator names them. */
  List<String> activations();

  /**
   * Runs a direction.
   *
   * @param direction weights and input
   * @return outputs, last states and what the way back needs
   */
  Forth forward(RecurrentLayer.Direction direction);

  /**
   * Goes back.
   *
   * @param direction weights and input
   * @param dy cotangent of the outputs, [T, H, B]; empty if there is none
   * @param dLast cotangents of the last states, [H, B] each
   * @param saved what {@link #forward} saved
   * @return cotangents of the products with the weights and of the first states
   */
  Back backward(
      RecurrentLayer.Direction direction, String dy, List<String> dLast, List<String> saved);

  /**
   * A direction forwards.
   *
   * @param outputs the outputs of all steps, [T, H, B]
   * @param last the last states, [H, B] each
   * @param saved values for the way back
   */
  record Forth(String outputs, List<String> last, List<String> saved) {}

  /**
   * Rows of a product with a weight matrix.
   *
   * @param from the first row
   * @param to the row after the last
   * @param dz cotangent of the product, [T, to - from, B]
   * @param operand what R was multiplied with, [T, B, H]; empty for W, whose operand is X
   */
  record Rows(long from, long to, String dz, String operand) {}

  /**
   * A direction backwards.
   *
   * @param byInput the rows of W·x, from the first
   * @param byState the rows of R·h, from the first
   * @param first cotangents of the first states, [H, B] each
   */
  record Back(List<Rows> byInput, List<Rows> byState, List<String> first) {}
}
