package dev.lathe.transform.quantize;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A node that multiplies rows by a weight, and adds a bias perhaps.
 *
 * @param node MatMul or Gemm
 * @param weight the weight's name
 * @param matrix the weight, FLOAT, [N, K] or [K, N]
 * @param order how it lies
 */
public record Projection(Node node, String weight, Tensor matrix, Order order) {
  /** How the matrix lies. */
  public enum Order {
    /** [N, K], as checkpoints have it. */
    OUTPUTS_FIRST,
    /** [K, N], as MatMul takes it. */
    INPUTS_FIRST
  }

  /**
   * Nodes that turn an initializer [N, K] to [K, N].
   *
   * @param graph the graph
   * @return the nodes by what they make
   */
  public static Map<String, Node> transposes(Graph graph) {
    Map<String, Node> transposes = new HashMap<>();
    for (Node node : graph.nodes()) {
      long[] order = node.op().equals("Transpose") ? node.intsAttribute("perm", 1, 0) : new long[0];
      boolean swaps = order.length == 2 && order[0] == 1;
      if (swaps && node.domain().isEmpty() && graph.initializers().containsKey(node.input(0))) {
        transposes.put(node.output(0), node);
      }
    }
    return transposes;
  }

  /**
   * Takes a node for a projection.
   *
   * @param node any node
   * @param graph the graph around it
   * @param transposes nodes that transpose an initializer, by what they make
   * @return the projection, if the node is one by an initializer that no caller can replace
   */
  public static Optional<Projection> of(Node node, Graph graph, Map<String, Node> transposes) {
    return switch (node.qualifiedOp()) {
      case "MatMul" -> {
        Node transpose = transposes.get(node.input(1));
        yield transpose == null
            ? of(node, node.input(1), graph, Order.INPUTS_FIRST)
            : of(node, transpose.input(0), graph, Order.OUTPUTS_FIRST);
      }
      case "Gemm" ->
          isPlain(node)
              ? of(
                  node,
                  node.input(1),
                  graph,
                  node.intAttribute("transB", 0) == 0 ? Order.INPUTS_FIRST : Order.OUTPUTS_FIRST)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static boolean isPlain(Node gemm) {
    return gemm.intAttribute("transA", 0) == 0
        && gemm.floatAttribute("alpha", 1) == 1
        && gemm.floatAttribute("beta", 1) == 1;
  }

  private static Optional<Projection> of(Node node, String weight, Graph graph, Order order) {
    Tensor matrix = graph.initializers().get(weight);
    boolean fits =
        matrix != null
            && graph.input(weight).isEmpty()
            && matrix.rank() == 2
            && matrix.type() == ElementType.FLOAT;
    return fits ? Optional.of(new Projection(node, weight, matrix, order)) : Optional.empty();
  }

  /**
   * K.
   *
   * @return inputs of the projection
   */
  public int inputs() {
    return Math.toIntExact(matrix.dim(order == Order.OUTPUTS_FIRST ? 1 : 0));
  }

  /**
   * N.
   *
   * @return outputs of the projection
   */
  public int outputs() {
    return Math.toIntExact(matrix.dim(order == Order.OUTPUTS_FIRST ? 0 : 1));
  }

  /**
   * What is added to the product.
   *
   * @return the bias's name, or empty
   */
  public String bias() {
    return node.op().equals("Gemm") ? node.input(2) : "";
  }
}
