package dev.lathe.transform;

import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;

/** Computes one node, as an interpreter does. */
@FunctionalInterface
public interface Evaluator {
  /**
   * Computes a node.
   *
   * @param node the node
   * @param inputs a tensor for each input that the node names, in order, none for omitted ones
   * @param opset the version of the node's operator set
   * @return its outputs in order
   * @throws dev.lathe.ir.LatheException of kind UNSUPPORTED if the operator is not known
   */
  List<Tensor> evaluate(Node node, List<Tensor> inputs, long opset);
}
