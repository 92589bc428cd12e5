package dev.lathe.transform;

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

/** Builds forward models layer by layer, with the parameters that a test gives. */
final class Layers {
  private final GraphBuilder builder = new GraphBuilder("forward");
  private final Map<String, Tensor> parameters;
  private String last = "x";

  Layers(Map<String, Tensor> parameters, long... features) {
    this.parameters = parameters;
    builder.input("x", ElementType.FLOAT, Shape.batchOf(features));
  }

  Layers linear(String prefix) {
    return parameterized("Gemm", prefix, Map.of("transB", Attribute.of(1L)));
  }

  Layers conv(String prefix, Map<String, Attribute> attributes) {
    return parameterized("Conv", prefix, attributes);
  }

  Layers batchNormalization(String prefix) {
    List<String> inputs = new ArrayList<>(List.of(last));
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      inputs.add(parameter(prefix + part));
    }
    return append("BatchNormalization", inputs, Map.of());
  }

  private Layers parameterized(String op, String prefix, Map<String, Attribute> attributes) {
    List<String> inputs = new ArrayList<>(List.of(last, parameter(prefix + "weight")));
    if (parameters.containsKey(prefix + "bias")) {
      inputs.add(parameter(prefix + "bias"));
    }
    return append(op, inputs, attributes);
  }

  private String parameter(String name) {
    return builder.initializer(name, parameters.get(name));
  }

  Layers op(String op, Map<String, Attribute> attributes) {
    return append(op, List.of(last), attributes);
  }

  Layers op(String op) {
    return op(op, Map.of());
  }

  private Layers append(String op, List<String> inputs, Map<String, Attribute> attributes) {
    String output = builder.fresh(op.toLowerCase(java.util.Locale.ROOT));
    builder.append(
        Node.of(op, inputs, List.of(output)).withAttributes(attributes).withName(output));
    last = output;
    return this;
  }

  Model model(long outputs) {
    builder.append(Node.of("Identity", List.of(last), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(outputs));
    return Model.of(builder.build());
  }
}
