package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.zoo.graph.Nodes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph under construction with weights of a checkpoint, in plain form: standard operators of
 * operator set 23, weights as initializers under the names that they have in the checkpoint.
 */
final class Draft extends Nodes {
  private static final long OPSET = 23;
  private static final long IR_VERSION = 11;

  private final Weights weights;
  private final Set<String> drawn = new HashSet<>();
  private final Map<String, String> outputs = new LinkedHashMap<>();

  Draft(String name, Weights weights) {
    super(name);
    this.weights = weights;
  }

  /** The checkpoint. */
  Weights weights() {
    return weights;
  }

  /** A weight under its own name, which must have this shape; drawn once. */
  String weight(String name, long... dims) {
    if (drawn.add(name)) {
      builder.initializer(name, weights.take(name, dims));
    }
    return name;
  }

  /**
   * An affine layer as PyTorch has it: {@code name.weight} [outputs, inputs] and, if biased, {@code
   * name.bias} [outputs].
   */
  record Linear(String name, int inputs, int outputs, boolean biased) {}

  /** x [rows, inputs] to [rows, outputs]. */
  String linear(String rows, Linear layer) {
    List<String> inputs = new ArrayList<>();
    inputs.add(rows);
    inputs.add(weight(layer.name() + ".weight", layer.outputs(), layer.inputs()));
    if (layer.biased()) {
      inputs.add(weight(layer.name() + ".bias", layer.outputs()));
    }
    return named(
        layer.name(), Node.of("Gemm", inputs, List.of("")).with("transB", Attribute.of(1L)));
  }

  /** Scores of each row of a table [V, width] for x [rows, width]. */
  String scores(String rows, String table) {
    return add("Gemm", Map.of("transB", Attribute.of(1L)), rows, table);
  }

  /** Normalization of the last axis, with scale and shift. */
  String layerNorm(String x, String layer, int width, double epsilon) {
    List<String> inputs =
        List.of(x, weight(layer + ".weight", width), weight(layer + ".bias", width));
    Node node = Node.of("LayerNormalization", inputs, List.of(""));
    return named(layer, node.with("epsilon", Attribute.of((float) epsilon)));
  }

  /** Division of the last axis by its root mean square, with a scale that has the name given. */
  String rmsNorm(String x, String layer, String scale, double epsilon) {
    Node node = Node.of("RMSNormalization", List.of(x, scale), List.of(""));
    return named(layer, node.with("epsilon", Attribute.of((float) epsilon)));
  }

  /** Gives a value, which nothing else may read, as an output of the graph. */
  void output(String name, String value, Shape shape) {
    builder.output(name, ElementType.FLOAT, shape);
    outputs.put(name, value);
  }

  /** The model with all outputs given so far. */
  Model finish() {
    return Model.of(finished(outputs)).withOpset("", OPSET).withIrVersion(IR_VERSION);
  }
}
