package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Interpreter;
import dev.lathe.testkit.Shared;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models written by other exporters: every shape is found, every gradient is PyTorch's. */
class ForeignModelTest {
  @ParameterizedTest
  @CsvSource({
    "mlp, torchscript", "mlp, dynamo", "cnn-bn, torchscript", "cnn-bn, dynamo",
    "resnet, torchscript", "resnet, dynamo", "gpt, torchscript", "gpt, dynamo",
    "lstm, torchscript", "lstm, dynamo", "gru, torchscript", "gru, dynamo"
  })
  void everyValue_getsTypeRankAndSizes(String name, String exporter) {
    Model model = read(name, exporter);
    TypedModel typed = InferShapes.apply(model.withGraph(model.graph().withValues(List.of())));
    for (Node node : model.graph().nodes()) {
      for (String output : node.outputs()) {
        ValueType type = typed.type(output);
        assertThat(type).as(node.describe()).isInstanceOf(ValueType.TensorType.class);
        Shape shape = ((ValueType.TensorType) type).shape();
        assertThat(shape.ranked()).as(node.describe()).isTrue();
        assertThat(shape.toString()).as(node.describe()).doesNotContain("?");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mlp, torchscript, 6",
    "mlp, dynamo, 6",
    "resnet, torchscript, 8",
    "resnet, dynamo, 8",
    "gpt, torchscript, 15",
    "gpt, dynamo, 15"
  })
  void gradients_arePyTorchs(String name, String exporter, int atLeast) {
    Model model = read(name, exporter);
    Map<String, Tensor> expected =
        Safetensors.open(Shared.path("fixtures/onnx/" + name + ".expected.safetensors")).tensors();
    Map<String, Match> matches = matches(model, expected);
    assertThat(matches.size()).isGreaterThanOrEqualTo(atLeast);
    Objective objective = new Objective(new CrossEntropy(), "y");
    StepGraph step = TrainingGraphs.of(model, objective, Sgd.plain(), matches.keySet()).step();
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", expected.get("x"));
    inputs.put("target", expected.get("target"));
    float[] ones = new float[(int) expected.get("target").size()];
    Arrays.fill(ones, 1);
    inputs.put("weights", Tensor.ofFloats(ones, ones.length));
    inputs.put("learning_rate", Tensor.scalar(1f));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    Map<String, Tensor> outputs = Interpreter.run(step.model(), inputs);
    assertThat(outputs.get("loss").doubleAt(0))
        .isCloseTo(expected.get("loss").doubleAt(0), within(1e-5));
    for (StateSlot slot : step.slots()) {
      Match match = matches.get(slot.parameter());
      requireGradient(slot, outputs.get(slot.output()), match, expected);
    }
  }

  private static void requireGradient(
      StateSlot slot, Tensor next, Match match, Map<String, Tensor> expected) {
    Tensor gradient = expected.get("grad." + match.name());
    for (int i = 0; i < next.size(); i++) {
      double found = slot.initial().doubleAt(i) - next.doubleAt(i);
      assertThat(found)
          .as("%s[%d]", match.name(), i)
          .isCloseTo(gradient.doubleAt(match.at(gradient, i)), within(1e-5));
    }
  }

  private static Model read(String name, String exporter) {
    return OnnxFile.read(Shared.path("fixtures/onnx/" + name + "." + exporter + ".onnx"));
  }

  /** A PyTorch parameter, and whether the exporter transposed it. */
  private record Match(String name, boolean transposed) {
    int at(Tensor parameter, int index) {
      if (!transposed) {
        return index;
      }
      int rows = (int) parameter.dim(0);
      int columns = (int) parameter.dim(1);
      return index % rows * columns + index / rows;
    }
  }

  /** Exporters rename and transpose parameters: they are found by value. */
  private static Map<String, Match> matches(Model model, Map<String, Tensor> expected) {
    Map<String, Match> matches = new HashMap<>();
    model
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (tensor.type() == ElementType.FLOAT && tensor.rank() > 0) {
                expected.forEach(
                    (key, value) -> {
                      if (key.startsWith("param.") && distinct(value)) {
                        match(tensor, value, key.substring(6))
                            .ifPresent(match -> matches.put(name, match));
                      }
                    });
              }
            });
    return matches;
  }

  private static boolean distinct(Tensor value) {
    return Arrays.stream(value.toDoubles()).distinct().count() > 1;
  }

  private static java.util.Optional<Match> match(Tensor tensor, Tensor value, String name) {
    for (boolean transposed : new boolean[] {false, true}) {
      Match match = new Match(name, transposed);
      boolean fits =
          transposed
              ? value.rank() == 2
                  && tensor.rank() == 2
                  && value.dim(0) == tensor.dim(1)
                  && value.dim(1) == tensor.dim(0)
              : Arrays.equals(value.dims(), tensor.dims());
      for (int i = 0; fits && i < tensor.size(); i++) {
        fits = tensor.doubleAt(i) == value.doubleAt(match.at(value, i));
      }
      if (fits) {
        return java.util.Optional.of(match);
      }
    }
    return java.util.Optional.empty();
  }
}
