package dev.lathe.train.loop;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The fixtures' modules that are no architecture of ours, spelled out with given parameters. */
final class PyTorchModels {
  private final GraphBuilder builder = new GraphBuilder("forward");
  private final Map<String, Tensor> parameters;
  private String last = "x";

  private PyTorchModels(Map<String, Tensor> parameters, long... features) {
    this.parameters = parameters;
    builder.input("x", ElementType.FLOAT, Shape.batchOf(features));
  }

  /**
   * The fixtures' {@code Res}: batch norm, a depthwise residual, a step of two, mean over space.
   */
  static Model residual(Map<String, Tensor> parameters) {
    PyTorchModels net = new PyTorchModels(parameters, 3, 9, 9);
    Attribute around = Attribute.ofInts(1, 1, 1, 1);
    net.layer("Conv", "c1", Map.of("pads", around)).normalize("b1").op("Relu", Map.of());
    String kept = net.last;
    net.layer("Conv", "dw", Map.of("pads", around, "group", Attribute.of(8L)));
    net.layer("Conv", "pw", Map.of());
    String gate = net.builder.add("Sigmoid", net.last);
    String gated = net.builder.add("Mul", net.last, gate);
    net.last = net.builder.add("Add", kept, gated);
    net.layer("Conv", "down", Map.of("pads", around, "strides", Attribute.ofInts(2, 2)));
    net.op("Relu", Map.of()).op("GlobalAveragePool", Map.of()).op("Flatten", Map.of());
    return net.layer("Gemm", "fc", Map.of("transB", Attribute.of(1L))).model(5);
  }

  /** The fixtures' {@code cnn-bn}. */
  static Model normalizedCnn(Map<String, Tensor> parameters) {
    PyTorchModels net = new PyTorchModels(parameters, 1, 12, 12);
    Attribute twice = Attribute.ofInts(2, 2);
    net.layer("Conv", "0", Map.of("pads", Attribute.ofInts(2, 2, 2, 2)));
    net.normalize("1").op("Relu", Map.of());
    net.op(
        "MaxPool",
        Map.of(
            "kernel_shape", Attribute.ofInts(3, 3),
            "strides", twice,
            "pads", Attribute.ofInts(1, 1, 1, 1)));
    net.layer(
        "Conv",
        "4",
        Map.of(
            "pads", Attribute.ofInts(2, 2, 2, 2), "dilations", twice, "group", Attribute.of(2L)));
    net.normalize("5").op("Gelu", Map.of());
    net.op("AveragePool", Map.of("kernel_shape", twice, "strides", twice));
    net.op("Flatten", Map.of());
    return net.layer("Gemm", "9", Map.of("transB", Attribute.of(1L))).model(4);
  }

  private PyTorchModels layer(String op, String name, Map<String, Attribute> attributes) {
    List<String> inputs = new ArrayList<>(List.of(last, parameter(name + ".weight")));
    if (parameters.containsKey(name + ".bias")) {
      inputs.add(parameter(name + ".bias"));
    }
    last = builder.add(op, attributes, inputs.toArray(new String[0]));
    return this;
  }

  private PyTorchModels normalize(String name) {
    last =
        builder.add(
            "BatchNormalization",
            last,
            parameter(name + ".weight"),
            parameter(name + ".bias"),
            parameter(name + ".running_mean"),
            parameter(name + ".running_var"));
    return this;
  }

  private PyTorchModels op(String op, Map<String, Attribute> attributes) {
    last = builder.add(op, attributes, last);
    return this;
  }

  private String parameter(String name) {
    return builder.initializer(name, parameters.get(name));
  }

  private Model model(long outputs) {
    builder.append(Node.of("Identity", List.of(last), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(outputs));
    return Model.of(builder.build());
  }
}
