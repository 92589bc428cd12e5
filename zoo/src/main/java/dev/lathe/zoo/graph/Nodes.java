package dev.lathe.zoo.graph;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes of a graph under construction; constants are nodes, too. Every method gives the name of
 * the value that it adds. Not safe for use by several threads.
 */
public class Nodes {
  /** The axis of examples. */
  public static final String BATCH = "N";

  /** The axis of tokens. */
  public static final String TOKENS = "T";

  /** The input that says which tokens are no padding, INT64 [N, T]. */
  public static final String MASK = "attention_mask";

  /** Where parameters go, beside the nodes. */
  protected final GraphBuilder builder;

  private final Map<String, String> constants = new LinkedHashMap<>();

  /**
   * An empty graph.
   *
   * @param name the graph's name
   */
  public Nodes(String name) {
    this.builder = new GraphBuilder(name);
  }

  /** An input of the graph. */
  public String input(String inputName, ElementType element, Shape shape) {
    return builder.input(inputName, element, shape);
  }

  /** Token numbers INT64 [N, T], where T has the name given. */
  public String tokens(String inputName, String axis) {
    return input(inputName, ElementType.INT64, Shape.of(List.of(Dim.of(BATCH), Dim.of(axis))));
  }

  /** A node with one output. */
  public String add(String op, String... inputs) {
    return builder.add(op, inputs);
  }

  /** A node with attributes and one output. */
  public String add(String op, Map<String, Attribute> attributes, String... inputs) {
    return builder.add(op, attributes, inputs);
  }

  /** A node that bears a name, with one output called after it. */
  public String named(String nodeName, Node node) {
    return named(nodeName, List.of("out"), node).getFirst();
  }

  /** A node that bears a name, with outputs called after it, as many as the node has. */
  public List<String> named(String nodeName, List<String> endings, Node node) {
    List<String> outputs =
        endings.stream()
            .limit(node.outputs().size())
            .map(ending -> builder.fresh(nodeName + "." + ending))
            .toList();
    builder.append(node.withName(nodeName).withOutputs(outputs));
    return outputs;
  }

  /** Equal parts along an axis. */
  public List<String> split(String x, int axis, int parts) {
    List<String> outputs = fresh(parts);
    builder.append(
        Node.of("Split", List.of(x), outputs)
            .with("axis", Attribute.of((long) axis))
            .with("num_outputs", Attribute.of((long) parts)));
    return outputs;
  }

  /** Parts of given sizes along an axis. */
  public List<String> parts(String x, int axis, long... sizes) {
    List<String> outputs = fresh(sizes.length);
    builder.append(
        Node.of("Split", List.of(x, longs(sizes)), outputs)
            .with("axis", Attribute.of((long) axis)));
    return outputs;
  }

  private List<String> fresh(int parts) {
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      outputs.add(builder.fresh("split"));
    }
    return outputs;
  }

  /** INT64 [n]; equal ones are one node. */
  public String longs(long... values) {
    return constants.computeIfAbsent(
        Arrays.toString(values), _ -> constant(Tensor.ofLongs(values, values.length)));
  }

  /** FLOAT []; equal ones are one node. */
  public String number(double value) {
    return constants.computeIfAbsent(
        Double.toString(value), _ -> constant(Tensor.scalar((float) value)));
  }

  /** INT64 []; equal ones are one node. */
  public String whole(long value) {
    return constants.computeIfAbsent(Long.toString(value), _ -> constant(Tensor.scalar(value)));
  }

  /** Any constant. */
  public String constant(Tensor value) {
    return builder.add("Constant", Map.of("value", Attribute.of(value)));
  }

  /** x in another shape; -1 stands for one size that follows from the others. */
  public String reshape(String x, long... sizes) {
    return add("Reshape", x, longs(sizes));
  }

  /** x with its axes in another order. */
  public String transpose(String x, long... order) {
    return add("Transpose", Map.of("perm", Attribute.ofInts(order)), x);
  }

  /** The size of an axis as INT64 [1]. */
  public String size(String x, int axis) {
    return add(
        "Shape", Map.of("start", Attribute.of((long) axis), "end", Attribute.of(axis + 1L)), x);
  }

  /** The places of tokens [N, T], from 0: INT64 [T]. */
  public String places(String tokens) {
    String count = add("Squeeze", size(tokens, 1));
    return add("Range", whole(0), count, whole(1));
  }

  /** Sizes one after another, INT64. */
  public String join(String... sizes) {
    return add("Concat", Map.of("axis", Attribute.of(0L)), sizes);
  }

  /** Rows of a table, for tokens of any shape. */
  public String embedding(String x, String table) {
    return add("Gather", table, x);
  }

  /** [N, T, outputs]. */
  public static Shape perToken(int outputs) {
    return Shape.of(List.of(Dim.of(BATCH), Dim.of(TOKENS), Dim.of(outputs)));
  }

  /**
   * The graph, with values under the names of its outputs.
   *
   * @param outputs the values that are outputs, by the names that they get; nothing may read them
   * @return the graph
   */
  protected Graph finished(Map<String, String> outputs) {
    Map<String, String> names = new LinkedHashMap<>();
    outputs.forEach((name, value) -> names.put(value, name));
    Graph graph = builder.build();
    List<Node> nodes =
        graph.nodes().stream()
            .map(
                node ->
                    node.withOutputs(
                        node.outputs().stream()
                            .map(value -> names.getOrDefault(value, value))
                            .toList()))
            .toList();
    return graph.withNodes(nodes);
  }
}
