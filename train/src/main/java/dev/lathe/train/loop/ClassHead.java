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
import dev.lathe.train.LastLayer;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Dice;
import dev.lathe.transform.RemoveDeadNodes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Scores of K classes for somebody's encoder: an affine layer over the features of a text, [N, K],
 * or of each token, [N, T, K]. It stands where the model's own last layer stood, or behind a model
 * that gives features only: {@code pooler_output}, or {@code last_hidden_state}, whose first token
 * stands for a text.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, section 4</a>
 */
final class ClassHead {
  /** The new layer's weights. */
  static final Set<String> PARAMETERS = Set.of("class_head.weight", "class_head.bias");

  private static final String WEIGHT = "class_head.weight";
  private static final String BIAS = "class_head.bias";
  private static final String LOGITS = "logits";
  private static final String POOLED = "pooler_output";
  private static final String FEATURES = "last_hidden_state";
  private static final Set<String> LAYOUT =
      Set.of("Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Softmax");
  private static final double DEVIATION = 0.02;
  private static final long HEAD = 12;

  private final Path file;
  private final Graph graph;
  private final Task task;

  private ClassHead(Path file, Graph graph, Task task) {
    this.file = file;
    this.graph = graph;
    this.task = task;
  }

  /**
   * What a layer would look at.
   *
   * @param value the features
   * @param width H, how many there are
   * @param ofTokens whether each token has some: [N, T, H], or [N·T, H]
   */
  private record Seen(String value, long width, boolean ofTokens) {}

  /**
   * A model with scores of the classes of a task.
   *
   * @param file where the model is from
   * @param model an encoder, without calls of functions
   * @param wanted what is asked for
   * @return the model as it is if its own layer stays; else one with {@code logits} alone
   * @throws LatheException UNSUPPORTED_MODEL if there is nothing that a layer could look at
   */
  static Model fitted(Path file, Model model, Wanted wanted) {
    Graph graph = model.graph();
    boolean bare =
        graph.output(FEATURES).isPresent() && graph.output(LOGITS).isEmpty()
            || graph.output(POOLED).isPresent() && graph.output(LOGITS).isEmpty();
    if (wanted.head() == LastLayer.KEPT && !bare) {
      return model;
    }
    ClassHead head = new ClassHead(file, graph, wanted.task());
    Seen seen = bare ? head.features() : head.behindOwn(graph.outputs().getFirst());
    return head.added(model, seen, wanted);
  }

  /**
   * What is asked for.
   *
   * @param task classes of texts or of tokens
   * @param head whether the model's own layer stays
   * @param classes K
   * @param seed what a new layer comes from
   */
  record Wanted(Task task, LastLayer head, int classes, long seed) {}

  private Seen features() {
    boolean ofTexts = task == Task.TEXT_CLASSIFICATION;
    Optional<ValueInfo> output =
        graph.output(POOLED).filter(_ -> ofTexts).or(() -> graph.output(FEATURES));
    ValueInfo features =
        output.orElseThrow(
            () -> unsupported("outputs " + names() + " (expected: " + FEATURES + ")"));
    Shape shape = features.tensorType().shape();
    if (shape.ranked() && shape.dim(shape.rank() - 1) instanceof Dim.Fixed(long width)) {
      return new Seen(features.name(), width, shape.rank() == 3);
    }
    throw unsupported("output " + features + " (expected: features of a known number)");
  }

  /** What the layer that makes an output looks at. */
  private Seen behindOwn(ValueInfo scores) {
    Shape shape = scores.tensorType().shape();
    boolean ofTokens = shape.ranked() && shape.rank() == 3;
    if (task == Task.TOKEN_CLASSIFICATION && !ofTokens) {
      throw unsupported("output " + scores + " (expected: scores of each token, [N, T, K])");
    }
    String output = scores.name();
    Optional<Node> made = maker(output);
    while (made.isPresent() && LAYOUT.contains(made.get().op())) {
      made = maker(made.get().input(0));
    }
    if (made.isPresent() && made.get().op().equals("Add")) {
      List<String> sides = made.get().inputs();
      made = maker(sides.get(0)).or(() -> maker(sides.get(1)));
    }
    Node layer =
        made.filter(node -> weight(node).isPresent())
            .orElseThrow(
                () ->
                    unsupported(
                        "output \""
                            + output
                            + "\" (expected: one of a MatMul or Gemm with weights, for head:"
                            + " new)"));
    return new Seen(layer.input(0), weight(layer).orElseThrow(), ofTokens);
  }

  /** H of a layer's weights, [H, K] or turned. */
  private Optional<Long> weight(Node layer) {
    if (!layer.op().equals("MatMul") && !layer.op().equals("Gemm")) {
      return Optional.empty();
    }
    boolean flagged =
        layer.attributes().get("transB") instanceof Attribute.OfInt(long flag) && flag == 1;
    Optional<Node> turn = maker(layer.input(1)).filter(node -> node.op().equals("Transpose"));
    String name = turn.map(node -> node.input(0)).orElse(layer.input(1));
    int axis = flagged != turn.isPresent() ? 1 : 0;
    return Optional.ofNullable(graph.initializers().get(name))
        .filter(tensor -> tensor.rank() == 2)
        .map(tensor -> tensor.dim(axis));
  }

  private Optional<Node> maker(String value) {
    return graph.nodes().stream().filter(node -> node.outputs().contains(value)).findFirst();
  }

  private Model added(Model model, Seen seen, Wanted wanted) {
    int classes = wanted.classes();
    GraphBuilder cut = GraphBuilder.from(graph);
    cut.clearOutputs();
    cut.output(seen.value(), ElementType.FLOAT, Shape.UNRANKED);
    Model bare = RemoveDeadNodes.apply(model.withGraph(cut.build()));
    GraphBuilder builder = GraphBuilder.from(bare.graph());
    builder.clearOutputs();
    ValueInfo tokens = graph.requiredInputs().getFirst();
    boolean ofTexts = task == Task.TEXT_CLASSIFICATION;
    String rows = seen.value();
    if (seen.ofTokens()) {
      String each = laid(builder, tokens, rows, seen.width());
      rows = ofTexts ? first(builder, each) : each;
    }
    String weight = builder.initializer(WEIGHT, drawn(seen.width(), classes, wanted.seed()));
    String bias = builder.initializer(BIAS, Tensor.ofFloats(new float[classes], classes));
    String scores = builder.add("Add", builder.add("MatMul", rows, weight), bias);
    List<Dim> dims = new ArrayList<>(tokens.tensorType().shape().dims());
    if (ofTexts) {
      dims.removeLast();
    }
    builder.append(Node.of("Identity", List.of(scores), List.of(LOGITS)));
    dims.add(Dim.of(classes));
    builder.output(LOGITS, ElementType.FLOAT, Shape.of(dims));
    return bare.withGraph(builder.build());
  }

  /** Features by text and token, [N, T, H]. */
  private static String laid(GraphBuilder builder, ValueInfo tokens, String rows, long width) {
    String each = constant(builder, Tensor.ofLongs(new long[] {width}, 1));
    Map<String, Attribute> side = Map.of("axis", Attribute.of(0L));
    String sizes = builder.add("Concat", side, builder.add("Shape", tokens.name()), each);
    return builder.add("Reshape", rows, sizes);
  }

  /** Features of the first token, [N, H]. */
  private static String first(GraphBuilder builder, String features) {
    String zero = constant(builder, Tensor.scalar(0L));
    return builder.add("Gather", Map.of("axis", Attribute.of(1L)), features, zero);
  }

  private static Tensor drawn(long width, int classes, long seed) {
    Dice dice = new Dice(seed, HEAD);
    float[] drawn = new float[Math.toIntExact(Math.multiplyExact(width, classes))];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) (DEVIATION * dice.normal());
    }
    return Tensor.ofFloats(drawn, width, classes);
  }

  private static String constant(GraphBuilder builder, Tensor tensor) {
    return builder.add("Constant", Map.of("value", Attribute.of(tensor)));
  }

  private List<String> names() {
    return graph.outputs().stream().map(ValueInfo::name).toList();
  }

  private LatheException unsupported(String what) {
    return new LatheException(TrainError.UNSUPPORTED_MODEL, "base " + file + ": " + what);
  }
}
