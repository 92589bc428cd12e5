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
   * @param scores its output of raw scores, FLOAT [N, K], or [N, T, K] where each token has some
   * @return a model whose outputs are {@link #PROBABILITIES}, like the scores, and {@link #LABEL}
   *     INT64 [N] or [N, T], the most probable class, the first of equals. With K = 1 the
   *     probability is the sigmoid's and the label is 1 from a half on
   * @throws LatheException UNKNOWN_VALUE if there is no such output, SHAPE_MISMATCH if it is not
   *     [N, K] or [N, T, K] with K known, BAD_NAME if the model has values of the outputs' names
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
    int classes = shape.rank() - 1;
    if (shape.dim(classes).equals(Dim.of(1))) {
      appendBinary(builder, scores, classes);
    } else {
      appendClasses(builder, scores, classes);
    }
    builder.clearOutputs();
    builder.output(PROBABILITIES, ElementType.FLOAT, shape);
    builder.output(LABEL, ElementType.INT64, Shape.of(shape.dims().subList(0, classes)));
    return RemoveDeadNodes.apply(model.withGraph(builder.build()));
  }

  static Shape scoresShape(Model model, String scores) {
    ValueType type = InferShapes.apply(model).type(scores);
    if (type instanceof ValueType.TensorType(ElementType element, Shape shape)
        && element == ElementType.FLOAT
        && (shape.rank() == 2 || shape.rank() == 3)
        && shape.dim(shape.rank() - 1).isFixed()) {
      return shape;
    }
    throw new LatheException(
        TransformError.SHAPE_MISMATCH,
        "output \""
            + scores
            + "\": "
            + type
            + " (expected: FLOAT[N, K] or [N, T, K] with K known)");
  }

  static void claim(GraphBuilder builder, String name) {
    if (!builder.fresh(name).equals(name)) {
      throw new LatheException(
          IrError.BAD_NAME, "value \"" + name + "\" exists in the model (expected: a free name)");
    }
  }

  private static void appendClasses(GraphBuilder builder, String scores, int classes) {
    Attribute rows = Attribute.of((long) classes);
    append(builder, Node.of("Softmax", List.of(scores), List.of(PROBABILITIES)).with("axis", rows));
    append(
        builder,
        Node.of("ArgMax", List.of(scores), List.of(LABEL))
            .with("axis", rows)
            .with("keepdims", Attribute.of(0L)));
  }

  private static void appendBinary(GraphBuilder builder, String scores, int classes) {
    append(builder, Node.of("Sigmoid", List.of(scores), List.of(PROBABILITIES)));
    String zero = builder.initializer(LABEL + "/threshold", Tensor.scalar(0f));
    String axis = builder.initializer(LABEL + "/axis", Tensor.ofLongs(new long[] {classes}, 1));
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
