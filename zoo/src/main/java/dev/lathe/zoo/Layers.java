package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chain of layers under construction, numbered as PyTorch's {@code Sequential} numbers them:
 * every layer counts, those without parameters, too. Not safe for use by several threads.
 */
final class Layers {
  private final GraphBuilder builder;
  private final Initializer initializer;
  private final Draws draws;
  private final List<Node> nodes = new ArrayList<>();
  private long parameters;

  Layers(String name, long seed, Initializer initializer) {
    this.builder = new GraphBuilder(name);
    this.draws = new Draws(seed);
    this.initializer = initializer;
  }

  void input(long... example) {
    builder.input("x", ElementType.FLOAT, Shape.batchOf(example));
  }

  /** y = x·Wᵀ + b; W is [outputs, inputs]. */
  void linear(int inputs, int outputs) {
    String[] names = parameters(new Fan(inputs, outputs), outputs, inputs);
    add("Gemm", Map.of("transB", Attribute.of(1L)), names);
  }

  /** A convolution from some channels, with the stage's kernel [channels, from, k, k]. */
  void convolution(int from, Cnn.Stage stage) {
    int area = stage.kernel() * stage.kernel();
    Fan fan = new Fan(from * area, stage.channels() * area);
    String[] names = parameters(fan, stage.channels(), from, stage.kernel(), stage.kernel());
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", Attribute.ofInts(stage.kernel(), stage.kernel()));
    attributes.put("strides", Attribute.ofInts(stage.stride(), stage.stride()));
    int padding = stage.padding();
    attributes.put("pads", Attribute.ofInts(padding, padding, padding, padding));
    add("Conv", attributes, names);
  }

  void maxPool(int side) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", Attribute.ofInts(side, side));
    attributes.put("strides", Attribute.ofInts(side, side));
    add("MaxPool", attributes);
  }

  void flatten() {
    add("Flatten", Map.of("axis", Attribute.of(1L)));
  }

  void activation(Activation activation) {
    add(activation.op(), Map.of());
  }

  /**
   * What stands between two affine layers.
   *
   * @param activation the function
   * @param dropout ratio left out behind it; 0 for none
   */
  record Between(Activation activation, double dropout) {}

  /** Affine layers with something between each two. */
  void dense(int inputs, List<Integer> hidden, int outputs, Between between) {
    int width = inputs;
    for (int size : hidden) {
      linear(width, size);
      activation(between.activation());
      dropout(between.dropout());
      width = size;
    }
    linear(width, outputs);
  }

  private void dropout(double ratio) {
    if (ratio > 0) {
      add("Dropout", Map.of(), constant(ratio));
    }
  }

  /** A number that is no parameter. */
  private String constant(double number) {
    String name = nodes.size() + ".ratio";
    Attribute value = Attribute.of(Tensor.scalar((float) number));
    builder.append(
        Node.of("Constant", List.of(), List.of(name)).with("value", value).withName(name));
    return name;
  }

  Model build(int outputs) {
    int last = nodes.size() - 1;
    nodes.set(last, nodes.get(last).withOutputs(List.of("y")));
    nodes.forEach(builder::append);
    builder.output("y", ElementType.FLOAT, Shape.batchOf(outputs));
    Graph graph = builder.build();
    return Model.of(graph);
  }

  /** How many values meet in one unit, and how many units one value goes to. */
  private record Fan(long in, long out) {}

  private String[] parameters(Fan fan, long... weightDims) {
    int layer = nodes.size();
    Limits.require(
        "layer " + layer + ": parameters up to here",
        parameters += Math.addExact(Tensor.sizeOf(weightDims), weightDims[0]),
        1,
        Limits.MOST_PARAMETERS);
    double weight =
        switch (initializer) {
          case KAIMING -> 1 / Math.sqrt(fan.in());
          case XAVIER -> Math.sqrt(6.0 / (fan.in() + fan.out()));
        };
    double bias =
        switch (initializer) {
          case KAIMING -> weight;
          case XAVIER -> 0;
        };
    return new String[] {
      builder.initializer(layer + ".weight", draw(weight, weightDims)),
      builder.initializer(layer + ".bias", draw(bias, weightDims[0]))
    };
  }

  private Tensor draw(double bound, long... dims) {
    float[] values = new float[Math.toIntExact(Tensor.sizeOf(dims))];
    for (int i = 0; bound > 0 && i < values.length; i++) {
      values[i] = draws.within(bound);
    }
    return Tensor.ofFloats(values, dims);
  }

  private void add(String op, Map<String, Attribute> attributes, String... parameterNames) {
    List<String> inputs = new ArrayList<>();
    inputs.add(nodes.isEmpty() ? "x" : nodes.getLast().output(0));
    inputs.addAll(List.of(parameterNames));
    String layer = Integer.toString(nodes.size());
    Node node = Node.of(op, inputs, List.of(layer + ".out"));
    nodes.add(node.withAttributes(attributes).withName(layer));
  }
}
