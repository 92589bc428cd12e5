package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models written by other exporters: every shape is found, every gradient is PyTorch's. */
class ForeignModelTest {
  /** Normalizations that the exporters folded, and the convolutions they are in. */
  private static final Map<String, Map<String, String>> NORMALIZED =
      Map.of("cnn-bn", Map.of("1", "0", "5", "4"), "resnet", Map.of("b1", "c1"));

  @ParameterizedTest
  @MethodSource("dev.lathe.transform.ExportedModels#all")
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
  @MethodSource("dev.lathe.transform.ExportedModels#withoutRecurrentLayers")
  void gradientsByEveryParameter_arePyTorchs(String name, String exporter) {
    Map<String, Tensor> expected = expected(name);
    Map<String, String> normalized = NORMALIZED.getOrDefault(name, Map.of());
    ExportedParameters exported = ExportedParameters.of(read(name, exporter), expected, normalized);
    StepGraph step = step(exported);
    Map<String, Tensor> inputs = inputs(step, expected);
    compare(step, Interpreter.run(step.model(), inputs), exported, expected);
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      compare(step, session.run(inputs), exported, expected);
    }
  }

  private static StepGraph step(ExportedParameters exported) {
    Objective objective = new Objective(new CrossEntropy(), "y");
    return TrainingGraphs.of(exported.model(), objective, Sgd.plain(), exported.initializers())
        .step();
  }

  private static Map<String, Tensor> inputs(StepGraph step, Map<String, Tensor> expected) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", expected.get("x"));
    inputs.put("target", expected.get("target"));
    float[] ones = new float[(int) expected.get("target").size()];
    Arrays.fill(ones, 1);
    inputs.put("weights", Tensor.ofFloats(ones, ones.length));
    inputs.put("learning_rate", Tensor.scalar(1f));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    return inputs;
  }

  /** A step of plain SGD with learning rate 1 takes exactly the gradient away. */
  private static void compare(
      StepGraph step,
      Map<String, Tensor> outputs,
      ExportedParameters exported,
      Map<String, Tensor> expected) {
    assertThat(outputs.get("loss").doubleAt(0))
        .isCloseTo(expected.get("loss").doubleAt(0), within(1e-5));
    Map<String, double[]> found = new HashMap<>();
    for (StateSlot slot : step.slots()) {
      double[] gradient = slot.initial().toDoubles();
      double[] next = outputs.get(slot.output()).toDoubles();
      Arrays.setAll(gradient, i -> gradient[i] - next[i]);
      found.put(slot.parameter(), gradient);
    }
    exported
        .gradients(found)
        .forEach(
            (names, gradient) ->
                assertThat(gradient)
                    .as(names)
                    .containsExactly(sum(names.split("\\+"), expected), within(1e-5)));
  }

  private static double[] sum(String[] names, Map<String, Tensor> expected) {
    double[] sum = expected.get("grad." + names[0]).toDoubles();
    for (int n = 1; n < names.length; n++) {
      double[] more = expected.get("grad." + names[n]).toDoubles();
      Arrays.setAll(sum, i -> sum[i] + more[i]);
    }
    return sum;
  }

  private static Map<String, Tensor> expected(String name) {
    return Safetensors.open(Shared.path("fixtures/onnx/" + name + ".expected.safetensors"))
        .tensors();
  }

  private static Model read(String name, String exporter) {
    return OnnxFile.read(Shared.path("fixtures/onnx/" + name + "." + exporter + ".onnx"));
  }
}
