package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;

/** Turns raw scores, one for each label that an example may have, into probabilities and labels. */
public final class AppendLabels {
  /** The output with labels. */
  public static final String LABELS = "labels";

  private AppendLabels() {}

  /**
   * Appends.
   *
   * @param model the model
   * @param scores its output of raw scores, FLOAT [N, K]
   * @return a model whose outputs are {@link AppendClassification#PROBABILITIES} FLOAT [N, K], the
   *     sigmoids, and {@link #LABELS} INT64 [N, K], 1 from a half on
   * @throws dev.lathe.ir.LatheException SHAPE_MISMATCH if the scores are not [N, K] with K known,
   *     BAD_NAME if the model has values of the outputs' names
   */
  public static Model apply(Model model, String scores) {
    Graph graph = model.graph();
    GraphBuilder builder = GraphBuilder.from(graph);
    String probabilities = AppendClassification.PROBABILITIES;
    AppendClassification.claim(builder, probabilities);
    AppendClassification.claim(builder, LABELS);
    Shape shape = AppendClassification.scoresShape(model, scores);
    String zero = builder.initializer(LABELS + "/threshold", Tensor.scalar(0f));
    String positive = builder.fresh(LABELS + "/positive");
    AppendClassification.append(
        builder, Node.of("Sigmoid", List.of(scores), List.of(probabilities)));
    AppendClassification.append(
        builder, Node.of("GreaterOrEqual", List.of(scores, zero), List.of(positive)));
    Attribute to = Attribute.of((long) ElementType.INT64.code());
    AppendClassification.append(
        builder, Node.of("Cast", List.of(positive), List.of(LABELS)).with("to", to));
    builder.clearOutputs();
    builder.output(probabilities, ElementType.FLOAT, shape);
    builder.output(LABELS, ElementType.INT64, shape);
    return RemoveDeadNodes.apply(model.withGraph(builder.build()));
  }
}
