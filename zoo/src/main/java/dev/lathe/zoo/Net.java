package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A network under construction. Its initializers are its parameters and running statistics and
 * nothing else; constants are nodes. Not safe for use by several threads.
 */
final class Net {
  /** The axis of examples. */
  static final String BATCH = "N";

  /** The axis of tokens. */
  static final String TOKENS = "T";

  /** The input that says which tokens are no padding, INT64 [N, T]. */
  static final String MASK = "attention_mask";

  private final String name;
  private final GraphBuilder builder;
  private final Draws draws;
  private final Map<String, String> constants = new LinkedHashMap<>();
  private long parameters;

  Net(String name, long seed) {
    this.name = name;
    this.builder = new GraphBuilder(name);
    this.draws = new Draws(seed);
  }

  String input(String inputName, ElementType element, Shape shape) {
    return builder.input(inputName, element, shape);
  }

  /** Token numbers INT64 [N, T], where T has the name given. */
  String tokens(String inputName, String axis) {
    return input(inputName, ElementType.INT64, Shape.of(List.of(Dim.of(BATCH), Dim.of(axis))));
  }

  /** A parameter, or a running statistic. */
  String parameter(String parameterName, Fill fill, long... dims) {
    Limits.require(
        name + ": parameters up to " + parameterName,
        parameters += Tensor.sizeOf(dims),
        1,
        Limits.MOST_PARAMETERS);
    return builder.initializer(parameterName, fill.draw(draws, dims));
  }

  String add(String op, String... inputs) {
    return builder.add(op, inputs);
  }

  String add(String op, Map<String, Attribute> attributes, String... inputs) {
    return builder.add(op, attributes, inputs);
  }

  /** A node that bears a name, with one output called after it. */
  String named(String nodeName, Node node) {
    return named(nodeName, List.of("out"), node).getFirst();
  }

  /** A node that bears a name, with outputs called after it, as many as the node has. */
  List<String> named(String nodeName, List<String> endings, Node node) {
    List<String> outputs =
        endings.stream()
            .limit(node.outputs().size())
            .map(ending -> builder.fresh(nodeName + "." + ending))
            .toList();
    builder.append(node.withName(nodeName).withOutputs(outputs));
    return outputs;
  }

  List<String> split(String x, int axis, int parts) {
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      outputs.add(builder.fresh("split"));
    }
    builder.append(
        Node.of("Split", List.of(x), outputs)
            .with("axis", Attribute.of((long) axis))
            .with("num_outputs", Attribute.of((long) parts)));
    return outputs;
  }

  /** INT64 [n]; equal ones are one node. */
  String longs(long... values) {
    return constants.computeIfAbsent(
        Arrays.toString(values), _ -> constant(Tensor.ofLongs(values, values.length)));
  }

  /** FLOAT []; equal ones are one node. */
  String number(double value) {
    return constants.computeIfAbsent(
        Double.toString(value), _ -> constant(Tensor.scalar((float) value)));
  }

  String constant(Tensor value) {
    return builder.add("Constant", Map.of("value", Attribute.of(value)));
  }

  String reshape(String x, long... sizes) {
    return add("Reshape", x, longs(sizes));
  }

  String transpose(String x, long... order) {
    return add("Transpose", Map.of("perm", Attribute.ofInts(order)), x);
  }

  /** The size of an axis as INT64 [1]. */
  String size(String x, int axis) {
    return add(
        "Shape", Map.of("start", Attribute.of((long) axis), "end", Attribute.of(axis + 1L)), x);
  }

  /** The places of tokens [N, T], from 0: INT64 [T]. */
  String places(String tokens) {
    String count = add("Squeeze", size(tokens, 1));
    return add("Range", whole(0), count, whole(1));
  }

  /** INT64 []; equal ones are one node. */
  String whole(long value) {
    return constants.computeIfAbsent(Long.toString(value), _ -> constant(Tensor.scalar(value)));
  }

  /** Sizes one after another, INT64. */
  String join(String... sizes) {
    return add("Concat", Map.of("axis", Attribute.of(0L)), sizes);
  }

  /** x [rows, inputs] to [rows, outputs]. */
  String affine(String x, Affine layer) {
    String weight =
        parameter(layer.name() + ".weight", layer.weight(), layer.outputs(), layer.inputs());
    List<String> inputs = new ArrayList<>(List.of(x, weight));
    layer.bias().ifPresent(b -> inputs.add(parameter(layer.name() + ".bias", b, layer.outputs())));
    return named(
        layer.name(), Node.of("Gemm", inputs, List.of("")).with("transB", Attribute.of(1L)));
  }

  /** Scores of each row of a table [V, width] for x [rows, width]: their products, and a bias. */
  String scores(String x, String table, String... bias) {
    String[] inputs = Stream.concat(Stream.of(x, table), Stream.of(bias)).toArray(String[]::new);
    return add("Gemm", Map.of("transB", Attribute.of(1L)), inputs);
  }

  /** [N, outputs]. */
  static Shape perExample(int outputs) {
    return Shape.of(List.of(Dim.of(BATCH), Dim.of(outputs)));
  }

  /** [N, T, outputs]. */
  static Shape perToken(int outputs) {
    return Shape.of(List.of(Dim.of(BATCH), Dim.of(TOKENS), Dim.of(outputs)));
  }

  /** Rows of a table, for tokens of any shape. */
  String embedding(String x, String table) {
    return add("Gather", table, x);
  }

  /** Normalization of the last axis to mean 0 and deviation 1, then scale and shift. */
  String layerNorm(String x, String layer, int width) {
    return layerNorm(x, layer, width, 1e-5);
  }

  /** The same with another number that is added to the variance. */
  String layerNorm(String x, String layer, int width, double epsilon) {
    String scale = parameter(layer + ".weight", Fill.ONES, width);
    String shift = parameter(layer + ".bias", Fill.ZEROS, width);
    Node node = Node.of("LayerNormalization", List.of(x, scale, shift), List.of(""));
    return named(layer, node.with("epsilon", Attribute.of((float) epsilon)));
  }

  /** Randomly leaves out elements while training; without a ratio nothing is written. */
  String dropout(String x, double ratio) {
    return ratio == 0 ? x : add("Dropout", x, number(ratio));
  }

  /** Ends the network with scores for each token, given as rows [N·T, outputs]. */
  Model finishPerToken(String rows, String tokens, int outputs) {
    String sizes = join(add("Shape", tokens), longs(outputs));
    return finish(add("Reshape", rows, sizes), perToken(outputs));
  }

  /** Names the last value y, which nothing else may read, and ends the network. */
  Model finish(String last, Shape shape) {
    builder.output("y", ElementType.FLOAT, shape);
    Graph graph = builder.build();
    List<Node> nodes =
        graph.nodes().stream()
            .map(node -> node.outputs().contains(last) ? node.withOutputs(List.of("y")) : node)
            .toList();
    return Model.of(graph.withNodes(nodes));
  }
}
