package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.IrError;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import java.util.List;

/** Turns raw scores into what a caller of a classifier wants: probabilities and a label. */
public final class AppendClassification {
  /** The output with probabilities. */
  public static final String PROBABILITIES = "probabilities";

  /** The output with class indices. */
  public static final String LABEL = "label";

  private AppendClassification() {}

  /**
   * Appends.
   *
   * @param model the model
   * @param scores its output of raw scores, FLOAT [N, K]
   * @return a model whose outputs are {@link #PROBABILITIES} FLOAT [N, K] and {@link #LABEL} INT64
   *     [N], the most probable class, the first of equals. With K = 1 the probability is the
   *     sigmoid's [N, 1] and the label is 1 from a half on
   * @throws LatheException UNKNOWN_VALUE if there is no such output, SHAPE_MISMATCH if it is not
   *     [N, K] with K known, BAD_NAME if the model has values of the outputs' names
   */
  public static Model apply(Model model, String scores) {
    Graph graph = model.graph();
    if (graph.output(scores).isEmpty()) {
      throw new LatheException(
          TransformError.UNKNOWN_VALUE,
          "output \"" + scores + "\" (expected: an output of the model)");
    }
    GraphBuilder builder = GraphBuilder.from(graph);
    claim(builder, PROBABILITIES);
    claim(builder, LABEL);
    Shape shape = scoresShape(model, scores);
    boolean single = shape.dim(1).equals(Dim.of(1));
    if (single) {
      appendBinary(builder, scores);
    } else {
      appendClasses(builder, scores);
    }
    builder.clearOutputs();
    builder.output(PROBABILITIES, ElementType.FLOAT, shape);
    builder.output(LABEL, ElementType.INT64, Shape.of(shape.dims().subList(0, 1)));
    return RemoveDeadNodes.apply(model.withGraph(builder.build()));
  }

  static Shape scoresShape(Model model, String scores) {
    ValueType type = InferShapes.apply(model).type(scores);
    if (type instanceof ValueType.TensorType(ElementType element, Shape shape)
        && element == ElementType.FLOAT
        && shape.rank() == 2
        && shape.dim(1).isFixed()) {
      return shape;
    }
    throw new LatheException(
        TransformError.SHAPE_MISMATCH,
        "output \"" + scores + "\": " + type + " (expected: FLOAT[N, K] with K known)");
  }

  static void claim(GraphBuilder builder, String name) {
    if (!builder.fresh(name).equals(name)) {
      throw new LatheException(
          IrError.BAD_NAME, "value \"" + name + "\" exists in the model (expected: a free name)");
    }
  }

  private static void appendClasses(GraphBuilder builder, String scores) {
    Attribute rows = Attribute.of(1L);
    append(builder, Node.of("Softmax", List.of(scores), List.of(PROBABILITIES)).with("axis", rows));
    append(
        builder,
        Node.of("ArgMax", List.of(scores), List.of(LABEL))
            .with("axis", rows)
            .with("keepdims", Attribute.of(0L)));
  }

  private static void appendBinary(GraphBuilder builder, String scores) {
    append(builder, Node.of("Sigmoid", List.of(scores), List.of(PROBABILITIES)));
    String zero = builder.initializer(LABEL + "/threshold", Tensor.scalar(0f));
    String axis = builder.initializer(LABEL + "/axis", Tensor.ofLongs(new long[] {1}, 1));
    String positive = builder.fresh(LABEL + "/positive");
    String column = builder.fresh(LABEL + "/column");
    append(builder, Node.of("GreaterOrEqual", List.of(scores, zero), List.of(positive)));
    append(builder, Node.of("Squeeze", List.of(positive, axis), List.of(column)));
    Attribute to = Attribute.of((long) ElementType.INT64.code());
    append(builder, Node.of("Cast", List.of(column), List.of(LABEL)).with("to", to));
  }

  static void append(GraphBuilder builder, Node node) {
    builder.append(node.withName(node.output(0)));
  }
}
