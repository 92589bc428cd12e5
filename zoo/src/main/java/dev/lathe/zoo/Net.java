package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.graph.Nodes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A network under construction. Its initializers are its parameters and running statistics and
 * nothing else; constants are nodes. Not safe for use by several threads.
 */
final class Net extends Nodes {
  static final String TYPES = "token_type_ids";
  private static final List<String> SPAN_OUTPUTS = List.of("start_logits", "end_logits");

  private final String name;
  private final Draws draws;
  private long parameters;

  Net(String name, long seed) {
    super(name);
    this.name = name;
    this.draws = new Draws(seed);
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

  /** Ends the network with both ends of a span for each token, given as rows [N·T, 2]. */
  Model finishSpans(String rows, String tokens) {
    Shape shape = Shape.of(List.of(Dim.of(BATCH), Dim.of(TOKENS)));
    Map<String, String> outputs = new LinkedHashMap<>();
    for (int i = 0; i < SPAN_OUTPUTS.size(); i++) {
      String column = add("Gather", Map.of("axis", Attribute.of(1L)), rows, whole(i));
      builder.output(SPAN_OUTPUTS.get(i), ElementType.FLOAT, shape);
      outputs.put(SPAN_OUTPUTS.get(i), add("Reshape", column, add("Shape", tokens)));
    }
    return Model.of(finished(outputs));
  }

  /** Names the last value y, which nothing else may read, and ends the network. */
  Model finish(String last, Shape shape) {
    builder.output("y", ElementType.FLOAT, shape);
    return Model.of(finished(Map.of("y", last)));
  }
}
