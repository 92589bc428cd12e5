package dev.lathe.transform;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.List;

/** Puts {@code (x - mean) / std} before a model, so that it takes data as it is. */
public final class PrependNormalization {
  private PrependNormalization() {}

  /**
   * Prepends.
   *
   * @param model the model
   * @param input its FLOAT input that takes data
   * @param mean FLOAT, broadcastable to the input
   * @param std FLOAT, broadcastable to the input, no zeros
   * @return a model with the same inputs and outputs
   * @throws LatheException UNKNOWN_VALUE if there is no such input, SHAPE_MISMATCH if mean or std
   *     do not broadcast to it, BAD_SETTING if std has a zero
   */
  public static Model apply(Model model, String input, Tensor mean, Tensor std) {
    Graph graph = model.graph();
    ValueInfo data = data(graph, input);
    requireBroadcast(data, "mean", mean);
    requireBroadcast(data, "std", std);
    requireNoZero(std);
    GraphBuilder builder = emptied(graph);
    String meanName = builder.initializer(input + "/mean", mean);
    String stdName = builder.initializer(input + "/std", std);
    String centered = builder.fresh(input + "/centered");
    String normalized = builder.fresh(input + "/normalized");
    builder.append(Node.of("Sub", List.of(input, meanName), List.of(centered)).withName(centered));
    builder.append(
        Node.of("Div", List.of(centered, stdName), List.of(normalized)).withName(normalized));
    return reading(model, builder, input, normalized);
  }

  /** A graph without its nodes, whose names remain taken. */
  static GraphBuilder emptied(Graph graph) {
    GraphBuilder builder = GraphBuilder.from(graph.withNodes(List.of()));
    graph.nodes().forEach(node -> node.outputs().forEach(builder::fresh));
    return builder;
  }

  /**
   * The model with its nodes behind those that were built; they read a value in an input's place.
   */
  static Model reading(Model model, GraphBuilder builder, String input, String value) {
    for (Node node : model.graph().nodes()) {
      boolean reads = node.inputs().contains(input);
      builder.append(reads ? node.withInputs(replaced(node, input, value)) : node);
    }
    return model.withGraph(builder.build());
  }

  static ValueInfo data(Graph graph, String input) {
    return graph
        .input(input)
        .orElseThrow(
            () ->
                new LatheException(
                    TransformError.UNKNOWN_VALUE,
                    "input \"" + input + "\" (expected: an input of the model)"));
  }

  private static List<String> replaced(Node node, String old, String now) {
    return node.inputs().stream().map(value -> value.equals(old) ? now : value).toList();
  }

  static void requireBroadcast(ValueInfo data, String what, Tensor tensor) {
    ValueType.TensorType type = data.tensorType();
    Shape shape = type.shape();
    boolean fits =
        type.element() == ElementType.FLOAT
            && tensor.type() == ElementType.FLOAT
            && (!shape.ranked() || tensor.rank() <= shape.rank());
    for (int i = 1; shape.ranked() && i <= Math.min(tensor.rank(), shape.rank()); i++) {
      Dim dim = shape.dim(-i);
      fits &= tensor.dim(-i) == 1 || dim.equals(Dim.of(tensor.dim(-i)));
    }
    if (!fits) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          what
              + " "
              + tensor
              + " for input \""
              + data.name()
              + "\" "
              + type
              + " (expected: FLOAT that broadcasts to it)");
    }
  }

  private static void requireNoZero(Tensor std) {
    for (long i = 0; i < std.size(); i++) {
      if (!(Math.abs(std.doubleAt(i)) > 0)) {
        throw new LatheException(
            TransformError.BAD_SETTING,
            "std[" + i + "] " + std.doubleAt(i) + " (expected: not zero)");
      }
    }
  }
}
