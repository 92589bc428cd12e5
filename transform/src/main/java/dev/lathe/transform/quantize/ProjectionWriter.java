package dev.lathe.transform.quantize;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.transform.TypedModel;
import dev.lathe.transform.WeightForm;
import dev.lathe.transform.WeightMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Writes projections by quantized weights. What several projections need, a weight or the rounded
 * rows of an input, is written once. Not safe for use by several threads.
 */
public final class ProjectionWriter {
  private static final String CONTRIB = "com.microsoft";

  /** A row of zeros has this scale, so that nothing is divided by zero. */
  private static final float LEAST_RANGE = 1e-8f;

  private final UnaryOperator<String> fresh;
  private final WeightMemory memory;
  private final TypedModel types;
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final Map<String, List<String>> weights = new HashMap<>();
  private final Map<String, Rows> rounded = new HashMap<>();
  private final Map<String, String> constants = new HashMap<>();
  private List<Node> nodes = new ArrayList<>();

  /**
   * A writer for one model.
   *
   * @param fresh gives a name that is free, by a prefix
   * @param memory where weights are written
   * @param types what is known of the model's values
   */
  public ProjectionWriter(UnaryOperator<String> fresh, WeightMemory memory, TypedModel types) {
    this.fresh = fresh;
    this.memory = memory;
    this.types = types;
  }

  /**
   * Writes one projection.
   *
   * @param projection what is to be computed
   * @param form the form of its weight, not FLOAT32
   * @return nodes with the projection's output
   */
  public List<Node> write(Projection projection, WeightForm form) {
    nodes = new ArrayList<>();
    String output = projection.node().output(0);
    boolean biased = !projection.bias().isEmpty();
    String product = biased ? fresh.apply(output + "/product") : output;
    switch (form) {
      case FLOAT32 -> nodes.add(projection.node());
      case W8A8 -> channels(projection, product);
      case INT8 -> blocks(projection, product, new Blocks.Kind(8, 128));
      case INT4_BLOCK32 -> blocks(projection, product, new Blocks.Kind(4, 32));
      case INT4_BLOCK128 -> blocks(projection, product, new Blocks.Kind(4, 128));
    }
    if (biased) {
      nodes.add(Node.of("Add", List.of(product, projection.bias()), List.of(output)));
    }
    return nodes;
  }

  /**
   * The weights written so far.
   *
   * @return initializers by name
   */
  public Map<String, Tensor> initializers() {
    return initializers;
  }

  private void blocks(Projection projection, String product, Blocks.Kind kind) {
    List<String> names =
        weights.computeIfAbsent(
            key(projection, kind.toString()),
            _ -> {
              Blocks blocks = Blocks.of(projection, kind, memory);
              String prefix = projection.weight() + "/int" + kind.bits();
              return List.of(
                  initializer(prefix, blocks.data()),
                  initializer(prefix + "/scales", blocks.scales()));
            });
    nodes.add(
        Node.of(
                "MatMulNBits",
                List.of(projection.node().input(0), names.get(0), names.get(1)),
                List.of(product))
            .withDomain(CONTRIB)
            .withName(projection.node().name())
            .with("K", Attribute.of((long) projection.inputs()))
            .with("N", Attribute.of((long) projection.outputs()))
            .with("bits", Attribute.of((long) kind.bits()))
            .with("block_size", Attribute.of((long) kind.size()))
            .with("accuracy_level", Attribute.of(4L)));
  }

  private static String key(Projection projection, String form) {
    return projection.weight() + " " + projection.order() + " " + form;
  }

  /**
   * Rows rounded to 8 bits.
   *
   * @param values UINT8 [M, K], 128 for zero
   * @param scales FLOAT [M, 1]
   */
  private record Rows(String values, String scales) {}

  private void channels(Projection projection, String product) {
    List<String> names =
        weights.computeIfAbsent(
            key(projection, "channels"),
            _ -> {
              Channels channels = Channels.of(projection, memory);
              String prefix = projection.weight() + "/w8a8";
              return List.of(
                  initializer(prefix, channels.data()),
                  initializer(prefix + "/scales", channels.scales()));
            });
    String input = projection.node().input(0);
    boolean flat = rank(input).equals(Optional.of(2)) || projection.node().op().equals("Gemm");
    Rows rows = rounded.get(input);
    if (rows == null) {
      rows = rounded(flat ? input : flattened(projection));
      rounded.put(input, rows);
    }
    String sums =
        add(
            Node.of(
                    "MatMulIntegerToFloat",
                    List.of(
                        rows.values(),
                        names.get(0),
                        constant("one", Tensor.scalar(1f)),
                        names.get(1),
                        constant("zero_of_rows", zero())),
                    List.of("sums"))
                .withDomain(CONTRIB)
                .withName(projection.node().name()));
    Node scaled = Node.of("Mul", List.of(sums, rows.scales()), List.of("rows"));
    if (flat) {
      nodes.add(scaled.withOutputs(List.of(product)));
      return;
    }
    String flatProduct = add(scaled);
    String lead =
        add(Node.of("Shape", List.of(input), List.of("lead")).with("end", Attribute.of(-1L)));
    String width = constant("outputs" + projection.outputs(), longs(projection.outputs()));
    String sizes =
        add(
            Node.of("Concat", List.of(lead, width), List.of("sizes"))
                .with("axis", Attribute.of(0L)));
    nodes.add(Node.of("Reshape", List.of(flatProduct, sizes), List.of(product)));
  }

  private Optional<Integer> rank(String value) {
    return types.type(value) instanceof ValueType.TensorType(var _, Shape shape) && shape.ranked()
        ? Optional.of(shape.rank())
        : Optional.empty();
  }

  private String flattened(Projection projection) {
    String sizes = constant("rows" + projection.inputs(), longs(-1, projection.inputs()));
    return add(Node.of("Reshape", List.of(projection.node().input(0), sizes), List.of("flat")));
  }

  /** Each row by its own largest value: {@code q = round(x / s) + 128, s = max|x| / 127}. */
  private Rows rounded(String rows) {
    String last = constant("last_axis", longs(-1));
    String most = add(reduction("ReduceMax", rows, last));
    String least = add(reduction("ReduceMin", rows, last));
    String below = add(Node.of("Neg", List.of(least), List.of("below")));
    String floor = constant("least_range", Tensor.scalar(LEAST_RANGE));
    String range = add(Node.of("Max", List.of(most, below, floor), List.of("range")));
    String part = constant("of_127", Tensor.scalar(1 / 127f));
    String scale = add(Node.of("Mul", List.of(range, part), List.of("scale")));
    String count = add(Node.of("Shape", List.of(scale), List.of("count")));
    String zeros =
        add(
            Node.of("ConstantOfShape", List.of(count), List.of("zeros"))
                .with("value", Attribute.of(zero().reshaped(1))));
    String values =
        add(
            Node.of("QuantizeLinear", List.of(rows, scale, zeros), List.of("rounded"))
                .with("axis", Attribute.of(0L)));
    String column = constant("column", longs(1));
    return new Rows(values, add(Node.of("Unsqueeze", List.of(scale, column), List.of("scales"))));
  }

  private static Node reduction(String op, String rows, String axes) {
    return Node.of(op, List.of(rows, axes), List.of(op.toLowerCase(java.util.Locale.ROOT)))
        .with("keepdims", Attribute.of(0L));
  }

  private static Tensor zero() {
    return Tensor.ofBytes(ElementType.UINT8, new byte[] {(byte) 128});
  }

  private static Tensor longs(long... values) {
    return Tensor.ofLongs(values, values.length);
  }

  /** Adds a node under a free name for what it makes. */
  private String add(Node node) {
    String output = fresh.apply("w8a8/" + node.output(0));
    nodes.add(node.withOutputs(List.of(output)));
    return output;
  }

  private String initializer(String prefix, Tensor tensor) {
    String name = fresh.apply(prefix);
    initializers.put(name, tensor);
    return name;
  }

  private String constant(String name, Tensor value) {
    return constants.computeIfAbsent(name, _ -> initializer("w8a8/" + name, value));
  }
}
