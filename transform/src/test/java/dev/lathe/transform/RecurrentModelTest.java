package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Language models of two recurrent layers against PyTorch: gradients of models that its exporters
 * wrote, and trainings from the first step to the last on the engine.
 */
class RecurrentModelTest {
  private static final int HIDDEN = 24;

  @ParameterizedTest
  @MethodSource("dev.lathe.transform.ExportedModels#withRecurrentLayers")
  void gradientsOfExportedModels_arePyTorchs(String name, String exporter) {
    Model model = OnnxFile.read(Shared.path("fixtures/onnx/" + name + "." + exporter + ".onnx"));
    Map<String, Tensor> expected =
        Safetensors.open(Shared.path("fixtures/onnx/" + name + ".expected.safetensors")).tensors();
    Map<String, Tensor> wanted = gradients(model, expected);
    assertThat(wanted).hasSize(9);
    assertThat(wanted.values().stream().mapToLong(Tensor::size).sum())
        .as("all of PyTorch's parameters")
        .isEqualTo(
            expected.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("grad."))
                .mapToLong(entry -> entry.getValue().size())
                .sum());
    StepGraph step =
        TrainingGraphs.of(
                model, new Objective(new CrossEntropy(), "y"), Sgd.plain(), wanted.keySet())
            .step();
    Map<String, Tensor> inputs = inputs(expected.get("x"), expected.get("target"));
    inputs.put("learning_rate", Tensor.scalar(1f));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    Map<String, Tensor> outputs = Interpreter.run(step.model(), inputs);
    assertThat(outputs.get("loss").doubleAt(0))
        .isCloseTo(expected.get("loss").doubleAt(0), within(1e-5));
    for (StateSlot slot : step.slots()) {
      Tensor gradient = wanted.get(slot.parameter());
      for (int i = 0; i < gradient.size(); i++) {
        assertThat(slot.initial().doubleAt(i) - outputs.get(slot.output()).doubleAt(i))
            .as("%s[%d]", slot.parameter(), i)
            .isCloseTo(gradient.doubleAt(i), within(1e-5));
      }
    }
  }

  /** What PyTorch says of each initializer that is a parameter, laid out as the initializer is. */
  private static Map<String, Tensor> gradients(Model model, Map<String, Tensor> expected) {
    Map<String, Tensor> wanted = new TreeMap<>();
    int layer = 0;
    for (Node node : model.graph().nodes()) {
      switch (node.op()) {
        case "LSTM", "GRU" -> {
          Rows rows = new Rows(node.op(), expected, "grad.rnn.", "_l" + layer++);
          wanted.put(node.input(1), rows.weight("weight_ih"));
          wanted.put(node.input(2), rows.weight("weight_hh"));
          wanted.put(node.input(3), rows.bias());
        }
        case "Gather" -> {
          if (node.input(0).equals("emb.weight")) {
            wanted.put("emb.weight", expected.get("grad.emb.weight"));
          }
        }
        case "MatMul" -> wanted.put(node.input(1), transposed(expected.get("grad.head.weight")));
        default -> {}
      }
    }
    wanted.put("head.bias", expected.get("grad.head.bias"));
    return wanted;
  }

  private static Tensor transposed(Tensor matrix) {
    int rows = (int) matrix.dim(0);
    int columns = (int) matrix.dim(1);
    double[] values = new double[rows * columns];
    Arrays.setAll(values, i -> matrix.doubleAt(i % rows * columns + i / rows));
    return Tensor.ofValues(ElementType.FLOAT, values, columns, rows);
  }

  /** PyTorch's parameters of one layer, with the gates in ONNX's order. */
  private record Rows(String op, Map<String, Tensor> tensors, String prefix, String suffix) {
    private int[] order() {
      return op.equals("LSTM") ? new int[] {0, 3, 1, 2} : new int[] {1, 0, 2};
    }

    private double[] ordered(String name) {
      Tensor tensor = tensors.get(prefix + name + suffix);
      int block = (int) tensor.size() / order().length;
      double[] values = new double[(int) tensor.size()];
      Arrays.setAll(values, i -> tensor.doubleAt(order()[i / block] * block + i % block));
      return values;
    }

    Tensor weight(String name) {
      double[] values = ordered(name);
      long rows = (long) order().length * HIDDEN;
      return Tensor.ofValues(ElementType.FLOAT, values, 1, rows, values.length / rows);
    }

    Tensor bias() {
      double[] input = ordered("bias_ih");
      double[] both = Arrays.copyOf(input, 2 * input.length);
      System.arraycopy(ordered("bias_hh"), 0, both, input.length, input.length);
      return Tensor.ofValues(ElementType.FLOAT, both, 1, both.length);
    }
  }

  private static Map<String, Tensor> inputs(Tensor x, Tensor target) {
    float[] ones = new float[(int) target.size()];
    Arrays.fill(ones, 1);
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", x);
    inputs.put(TrainingGraphs.TARGET, target);
    inputs.put(TrainingGraphs.WEIGHTS, Tensor.ofFloats(ones, ones.length));
    return inputs;
  }

  @ParameterizedTest
  @CsvSource({"LSTM, lstm-adam", "GRU, gru-adam"})
  void training_followsPyTorch(String op, String recording) {
    Map<String, Tensor> tensors =
        Safetensors.open(Shared.path("fixtures/training/" + recording + ".safetensors")).tensors();
    Map<String, Tensor> parameters = parameters(op, tensors, "init.");
    Model forward = model(op, parameters);
    Adam adam = Adam.standard();
    StepGraph step =
        TrainingGraphs.of(
                forward, new Objective(new CrossEntropy(), "y"), adam, parameters.keySet())
            .step();
    Map<String, Tensor> state = new HashMap<>();
    step.slots().forEach(slot -> state.put(slot.input(), slot.initial()));
    float[] losses = tensors.get("loss").toFloats();
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      for (int i = 0; i < losses.length; i++) {
        Map<String, Tensor> inputs =
            inputs(slice(tensors.get("x"), i % 4), slice(tensors.get("y"), i % 4));
        adam.scalars(i + 1, 0.01).forEach((name, value) -> inputs.put(name, Tensor.scalar(value)));
        inputs.putAll(state);
        Map<String, Tensor> outputs = session.run(inputs);
        assertThat(outputs.get(TrainingGraphs.LOSS).doubleAt(0))
            .as("loss at step %d", i)
            .isCloseTo(losses[i], within(1e-4 * Math.abs(losses[i])));
        step.slots().forEach(slot -> state.put(slot.input(), outputs.get(slot.output())));
      }
    }
    parameters(op, tensors, "final.")
        .forEach(
            (name, expected) -> {
              for (int i = 0; i < expected.size(); i++) {
                assertThat(state.get(name).doubleAt(i))
                    .as("%s[%d]", name, i)
                    .isCloseTo(expected.doubleAt(i), within(1e-3));
              }
            });
  }

  private static Map<String, Tensor> parameters(
      String op, Map<String, Tensor> tensors, String prefix) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("emb", tensors.get(prefix + "emb.weight"));
    for (int layer = 0; layer < 2; layer++) {
      Rows rows = new Rows(op, tensors, prefix + "rnn.", "_l" + layer);
      parameters.put("w" + layer, rows.weight("weight_ih"));
      parameters.put("r" + layer, rows.weight("weight_hh"));
      parameters.put("b" + layer, rows.bias());
    }
    parameters.put("head.weight", tensors.get(prefix + "head.weight"));
    parameters.put("head.bias", tensors.get(prefix + "head.bias"));
    return parameters;
  }

  /** Tokens [N, T] to scores [N·T, 40], with T left open. */
  private static Model model(String op, Map<String, Tensor> parameters) {
    GraphBuilder builder = new GraphBuilder("language model");
    parameters.forEach(builder::initializer);
    String x = builder.input("x", ElementType.INT64, Shape.of(List.of(Dim.of("N"), Dim.of("T"))));
    Map<String, Attribute> stepsFirst = Map.of("perm", Attribute.ofInts(1, 0, 2));
    String value = builder.add("Transpose", stepsFirst, builder.add("Gather", "emb", x));
    String axis = builder.initializer("axis", Tensor.ofLongs(new long[] {1}, 1));
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("hidden_size", Attribute.of((long) HIDDEN));
    if (op.equals("GRU")) {
      attributes.put("linear_before_reset", Attribute.of(1L));
    }
    for (int layer = 0; layer < 2; layer++) {
      List<String> inputs = new ArrayList<>(List.of(value));
      inputs.addAll(List.of("w" + layer, "r" + layer, "b" + layer));
      String y = builder.fresh("layer" + layer);
      builder.append(Node.of(op, inputs, List.of(y)).withAttributes(attributes).withName(y));
      value = builder.add("Squeeze", y, axis);
    }
    String flat =
        builder.add(
            "Reshape",
            builder.add("Transpose", stepsFirst, value),
            builder.initializer("flat", Tensor.ofLongs(new long[] {-1, HIDDEN}, 2)));
    builder.append(
        Node.of("Gemm", List.of(flat, "head.weight", "head.bias"), List.of("y"))
            .with("transB", Attribute.of(1L)));
    builder.output("y", ElementType.FLOAT, Shape.UNRANKED);
    return Model.of(builder.build());
  }

  private static Tensor slice(Tensor batches, int index) {
    long[] dims = Arrays.copyOfRange(batches.dims(), 1, batches.rank());
    long bytes = batches.type().byteSize(Tensor.sizeOf(dims));
    return Tensor.of(batches.type(), dims, batches.data().asSlice(index * bytes, bytes));
  }
}
