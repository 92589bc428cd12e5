package dev.lathe.train.loop;

import dev.lathe.ir.Attribute;
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
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A network that finds the ends of an answer. Its outputs are start_logits and end_logits FLOAT [N,
 * T]; the loss looks at both as choices among the T places, FLOAT [N, 2, T], without padding. So
 * the loss is the mean of two cross-entropies.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, section 4.2</a>
 */
final class SpanNetwork {
  private static final List<String> ENDS = List.of("start_logits", "end_logits");
  private static final String FEATURES = "last_hidden_state";
  private static final String MASK = "attention_mask";
  private static final float NEVER = -1e9f;
  private static final double DEVIATION = 0.02;
  private static final long HEAD = 11;

  private SpanNetwork() {}

  /** A network from scratch, with both outputs. */
  static Network fresh(Model model) {
    Graph graph = model.graph();
    GraphBuilder builder = GraphBuilder.from(graph);
    String scores = scores(builder, graph.requiredInputs().getFirst());
    return new Network(
        model.withGraph(builder.build()),
        graph.outputs(),
        List.of(scores),
        new TreeSet<>(graph.initializers().keySet()));
  }

  /**
   * Somebody's encoder: one that answers questions already, or one that gives features, which gets
   * a new head.
   *
   * @param file the ONNX file
   * @param columns what it will see
   * @param seed what a new head comes from
   * @throws LatheException UNSUPPORTED_MODEL if its inputs or outputs are others
   */
  static Network base(Path file, List<Column> columns, long seed) {
    Model read = OnnxFile.read(file);
    Graph graph = read.graph();
    requireInputs(file, graph, columns);
    GraphBuilder builder = GraphBuilder.from(graph);
    if (ENDS.stream().anyMatch(end -> graph.output(end).isEmpty())) {
      addHead(file, graph, builder, seed);
    }
    builder.clearOutputs();
    ValueInfo tokens = graph.requiredInputs().getFirst();
    Shape shape = tokens.tensorType().shape();
    ENDS.forEach(end -> builder.output(end, ElementType.FLOAT, shape));
    String scores = scores(builder, tokens);
    Model asked = read.withGraph(builder.build());
    Trainable trainable = Trainable.of(file, asked, List.of(scores));
    List<Column> targets =
        columns.stream().filter(column -> column.name().equals(Part.TARGET)).toList();
    ReservedNames.requireFree(file, trainable, targets);
    List<ValueInfo> released =
        ENDS.stream().map(end -> asked.graph().output(end).orElseThrow()).toList();
    return new Network(trainable.model(), released, List.of(scores), trainable.parameters());
  }

  private static void requireInputs(Path file, Graph graph, List<Column> columns) {
    List<ValueInfo> inputs = graph.requiredInputs();
    Set<String> known =
        columns.stream()
            .map(Column::name)
            .filter(name -> !name.equals(Part.TARGET) && !name.equals(Part.FEATURES))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> names = new ArrayList<>(inputs.stream().map(ValueInfo::name).toList());
    boolean fits =
        names.size() == known.size() + 1
            && names.subList(1, names.size()).containsAll(known)
            && inputs.stream().allMatch(SpanNetwork::isTokens);
    if (!fits) {
      throw unsupported(
          file,
          "inputs "
              + inputs
              + " (expected: tokens, then "
              + MASK
              + ", and token_type_ids if it has them, all INT64 [N, T] with T open)");
    }
  }

  private static boolean isTokens(ValueInfo input) {
    Shape shape = input.tensorType().shape();
    return input.tensorType().element() == ElementType.INT64
        && shape.ranked()
        && shape.rank() == 2
        && !shape.dim(0).isFixed()
        && !shape.dim(1).isFixed();
  }

  /** Two scores of each token, affine in its features. */
  private static void addHead(Path file, Graph graph, GraphBuilder builder, long seed) {
    ValueInfo features =
        graph
            .output(FEATURES)
            .orElseThrow(
                () ->
                    unsupported(
                        file,
                        "outputs "
                            + graph.outputs().stream().map(ValueInfo::name).toList()
                            + " (expected: "
                            + String.join(" and ", ENDS)
                            + ", or "
                            + FEATURES
                            + ")"));
    Shape shape = features.tensorType().shape();
    if (!shape.ranked() || shape.rank() != 3 || !(shape.dim(2) instanceof Dim.Fixed(long width))) {
      throw unsupported(file, "output " + features + " (expected: FLOAT [N, T, H] with H known)");
    }
    Dice dice = new Dice(seed, HEAD);
    float[] drawn = new float[Math.toIntExact(2 * width)];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) (DEVIATION * dice.normal());
    }
    String weight = builder.initializer("qa_outputs.weight", Tensor.ofFloats(drawn, width, 2));
    String bias = builder.initializer("qa_outputs.bias", Tensor.ofFloats(new float[2], 2));
    String scores = builder.add("Add", builder.add("MatMul", FEATURES, weight), bias);
    Map<String, Attribute> last = Map.of("axis", Attribute.of(2L));
    for (int i = 0; i < ENDS.size(); i++) {
      String end = builder.add("Gather", last, scores, constant(builder, Tensor.scalar((long) i)));
      builder.append(Node.of("Identity", List.of(end), List.of(ENDS.get(i))));
    }
  }

  /** Both outputs as one, with padding left out of the choice; an output of the graph. */
  private static String scores(GraphBuilder builder, ValueInfo tokens) {
    String axis = constant(builder, Tensor.ofLongs(new long[] {1}, 1));
    List<String> rows = ENDS.stream().map(end -> builder.add("Unsqueeze", end, axis)).toList();
    String both =
        builder.add("Concat", Map.of("axis", Attribute.of(1L)), rows.toArray(String[]::new));
    String seen =
        builder.add("Cast", Map.of("to", Attribute.of((long) ElementType.FLOAT.code())), MASK);
    String hidden =
        builder.add(
            "Mul",
            builder.add("Sub", constant(builder, Tensor.scalar(1f)), seen),
            constant(builder, Tensor.scalar(NEVER)));
    String scores = builder.add("Add", both, builder.add("Unsqueeze", hidden, axis));
    Shape shape = tokens.tensorType().shape();
    builder.output(
        scores, ElementType.FLOAT, Shape.of(List.of(shape.dim(0), Dim.of(2), shape.dim(1))));
    return scores;
  }

  private static String constant(GraphBuilder builder, Tensor tensor) {
    return builder.add("Constant", Map.of("value", Attribute.of(tensor)));
  }

  private static LatheException unsupported(Path file, String what) {
    return new LatheException(TrainError.UNSUPPORTED_MODEL, "base " + file + ": " + what);
  }
}
