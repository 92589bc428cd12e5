package dev.lathe.runtime;

import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/** The slow, readable reference in double precision. */
public final class Interpreter {
  private Interpreter() {}

  /**
   * Runs a model.
   *
   * @param model the model
   * @param inputs tensors by name
   * @return outputs by name; floating ones as DOUBLE
   */
  public static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) {
    throw new UnsupportedOperationException();
  }

  /**
   * Runs one node.
   *
   * @param node the node
   * @param inputs its inputs in order
   * @param opset the version of {@code ai.onnx}
   * @return its outputs in order, floating ones in the type that the operator gives them
   */
  public static List<Tensor> evaluate(Node node, List<Tensor> inputs, long opset) {
    throw new UnsupportedOperationException();
  }
}
