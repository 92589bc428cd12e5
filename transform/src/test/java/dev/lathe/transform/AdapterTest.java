package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Interpreter;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Low-rank adapters: they change nothing at first, train alone, and fold back without a trace. */
class AdapterTest {
  private static final int EXAMPLES = 5;

  static Set<String> cases() {
    return AdapterCases.ALL.keySet();
  }

  private static AdapterOptions options(double dropout) {
    return new AdapterOptions(2, 3, dropout, List.of("*"), 7);
  }

  private static AdapterOptions options(String name, double dropout) {
    return name.startsWith("tied")
        ? new AdapterOptions(2, 3, dropout, List.of(AdapterCases.TIED), 7)
        : options(dropout);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void insertedAdapters_changeNoOutput(String name) {
    Model base = AdapterCases.ALL.get(name);
    Model adapted = InsertAdapters.apply(base, options(name, 0));
    Map<String, Tensor> x = Map.of("x", data(base));
    assertThat(run(adapted, x)).isEqualTo(run(base, x));
    assertThat(Interpreter.run(adapted, x).get("y").toDoubles())
        .isEqualTo(Interpreter.run(base, x).get("y").toDoubles());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientByAdapters_agreesWithCentralDifferences(String name) {
    Model adapted = random(InsertAdapters.apply(AdapterCases.ALL.get(name), options(name, 0)));
    Model open = openedWithLoss(adapted);
    Set<String> by = InsertAdapters.parameters(adapted);
    Model gradients = Differentiate.apply(open, "loss", by).model();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", data(adapted));
    for (String parameter : by) {
      double[] values = adapted.graph().initializers().get(parameter).toDoubles();
      inputs.put(
          parameter,
          Tensor.ofDoubles(values, adapted.graph().initializers().get(parameter).dims()));
    }
    Map<String, Tensor> found = Interpreter.run(gradients, inputs);
    for (String parameter : by) {
      Tensor gradient = found.get("grad/" + parameter);
      for (int i = 0; i < gradient.size(); i++) {
        double expected =
            (loss(open, inputs, parameter, i, 1e-5) - loss(open, inputs, parameter, i, -1e-5))
                / 2e-5;
        assertThat(gradient.doubleAt(i))
            .as(parameter)
            .isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void trainedAdapters_mergeIntoTheModelThatItWas(String name) {
    Model base = AdapterCases.ALL.get(name);
    Model adapted = InsertAdapters.apply(base, options(name, 0.1));
    Model trained = train(adapted, 8);
    assertThat(changed(adapted, trained)).isEqualTo(InsertAdapters.parameters(adapted));
    Model merged = MergeAdapters.apply(trained);
    assertThat(merged.graph().nodes()).isEqualTo(base.graph().nodes());
    assertThat(merged.graph().inputs()).isEqualTo(base.graph().inputs());
    assertThat(merged.graph().outputs()).isEqualTo(base.graph().outputs());
    assertThat(List.copyOf(merged.graph().initializers().keySet()))
        .isEqualTo(List.copyOf(base.graph().initializers().keySet()));
    assertThat(changed(base, merged)).hasSize(1);
    Map<String, Tensor> x = Map.of("x", data(base));
    double[] expected = Interpreter.run(trained, x).get("y").toDoubles();
    double[] found = Interpreter.run(merged, x).get("y").toDoubles();
    assertThat(found).containsExactly(expected, within(1e-6));
    assertThat(expected).isNotEqualTo(Interpreter.run(base, x).get("y").toDoubles());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void adaptersTakenOut_actTheSameOnAnotherCopy(String name, @TempDir Path folder) {
    Model base = AdapterCases.ALL.get(name);
    Model adapted = random(InsertAdapters.apply(base, options(name, 0)));
    AdapterWeights weights = AdapterWeights.of(adapted);
    assertThat(weights.alpha()).isEqualTo(3);
    Path file = folder.resolve("adapter_model.safetensors");
    Safetensors.write(file, weights.tensors(), Map.of());
    Model again = new AdapterWeights(3, Safetensors.open(file).tensors()).attach(base);
    assertThat(again.graph().nodes()).isEqualTo(adapted.graph().nodes());
    Map<String, Tensor> x = Map.of("x", data(base));
    assertThat(run(again, x)).isEqualTo(run(adapted, x));
    assertThat(run(again, x)).isNotEqualTo(run(base, x));
  }

  @ParameterizedTest
  @CsvSource({
    "mlp, torchscript, 3", "mlp, dynamo, 3", "cnn-bn, torchscript, 3", "cnn-bn, dynamo, 3",
    "gpt, torchscript, 9", "gpt, dynamo, 9", "lstm, torchscript, 1", "gru, dynamo, 1"
  })
  void modelsOfOthers_getAdaptersAndLoseThemAgain(String name, String exporter, int count) {
    String fixture = "fixtures/onnx/" + name;
    Model base = OnnxFile.read(Shared.path(fixture + "." + exporter + ".onnx"));
    Map<String, Tensor> data =
        Safetensors.open(Shared.path(fixture + ".expected.safetensors")).tensors();
    Model adapted = InsertAdapters.apply(base, options(0));
    assertThat(InsertAdapters.parameters(adapted)).hasSize(2 * count);
    Map<String, Tensor> x = Map.of("x", data.get("x"));
    assertThat(Interpreter.run(adapted, x).get("y").toDoubles())
        .isEqualTo(Interpreter.run(base, x).get("y").toDoubles());
    Model merged = MergeAdapters.apply(adapted);
    assertThat(merged.graph().nodes()).isEqualTo(base.graph().nodes());
    assertThat(changed(base, merged)).isEmpty();
  }

  @Test
  void names_areThoseOfPeft() {
    Model adapted = InsertAdapters.apply(AdapterCases.ALL.get("Gemm"), options(0));
    Map<String, Tensor> tensors = AdapterWeights.of(adapted).tensors();
    assertThat(tensors).hasSize(2);
    assertThat(tensors.get("base_model.model.fc.lora_A.weight").dims()).containsExactly(2, 4);
    assertThat(tensors.get("base_model.model.fc.lora_B.weight").dims()).containsExactly(5, 2);
  }

  /** PEFT's Conv adapter reads the inputs of all groups, and its second convolution has groups. */
  @Test
  void adapterOfGroups_isTakenOutAsPeftComputesIt() {
    Model base = AdapterCases.ALL.get("Conv groups");
    Model adapted = random(InsertAdapters.apply(base, options(0)));
    AdapterWeights taken = AdapterWeights.of(adapted);
    Tensor a = taken.tensors().get("base_model.model.conv.lora_A.weight");
    Tensor b = taken.tensors().get("base_model.model.conv.lora_B.weight");
    assertThat(a.dims()).containsExactly(2, 4, 3);
    assertThat(b.dims()).containsExactly(6, 1, 1);
    Model peft =
        AdapterCases.model(
            builder -> {
              Map<String, Attribute> groups = Map.of("group", Attribute.of(2L));
              String w = AdapterCases.weight(builder, "conv.weight", 6, 2, 3);
              String bias = AdapterCases.weight(builder, "conv.bias", 6);
              String plain = builder.add("Conv", groups, "x", w, bias);
              String down = builder.add("Conv", "x", builder.initializer("a", a));
              String up = builder.add("Conv", groups, down, builder.initializer("b", b));
              String scale = builder.initializer("scale", Tensor.scalar(3f / 2));
              return builder.add("Add", plain, builder.add("Mul", up, scale));
            },
            new long[] {4, 5},
            6,
            3);
    Map<String, Tensor> x = Map.of("x", data(base));
    assertThat(Interpreter.run(adapted, x).get("y").toDoubles())
        .containsExactly(Interpreter.run(peft, x).get("y").toDoubles(), within(1e-6));
    float[] others = a.toFloats();
    others[8] = 1;
    Map<String, Tensor> mixed = new LinkedHashMap<>(taken.tensors());
    mixed.put("base_model.model.conv.lora_A.weight", Tensor.ofFloats(others, 2, 4, 3));
    assertThatThrownBy(() -> new AdapterWeights(3, mixed).attach(base))
        .hasMessageContaining("0 for inputs of other groups");
  }

  /** PEFT's names for an embedding whose head is tied, and its shapes. */
  @Test
  void adapterOfATiedHead_hasTheNamesOfPeftsEmbeddings() {
    Model base = AdapterCases.ALL.get("tied MatMul");
    Map<String, Tensor> tensors =
        AdapterWeights.of(InsertAdapters.apply(base, options("tied", 0))).tensors();
    assertThat(tensors.get("base_model.model.wte.lora_embedding_A").dims()).containsExactly(2, 7);
    assertThat(tensors.get("base_model.model.wte.lora_embedding_B").dims()).containsExactly(4, 2);
    assertThat(tensors).hasSize(2);
    Map<String, Tensor> half = new LinkedHashMap<>(tensors);
    half.remove("base_model.model.wte.lora_embedding_B");
    assertThatThrownBy(() -> new AdapterWeights(3, half).attach(base))
        .hasMessageContaining("lora_embedding_B\" (expected: a tensor beside");
  }

  @Test
  void whatCannotGetAnAdapter_isRefusedWithNodeAndWeight() {
    Model shared =
        AdapterCases.model(
            b -> {
              String w = AdapterCases.weight(b, "w.weight", 4, 4);
              return b.add("MatMul", "x", b.add("Add", w, b.add("MatMul", "x", w)));
            },
            new long[] {4},
            4);
    assertRefused(shared, options(0), "node \"add\" (Add): it uses weight \"w.weight\"");
    Model tied = AdapterCases.ALL.get("tied Gemm");
    assertRefused(tied, options(0), "target \"*\"", "shares by its full name", "\"wte.weight\"");
    Model picked =
        AdapterCases.model(
            b -> {
              String w = AdapterCases.weight(b, "w.weight", 4, 4);
              String token = b.initializer("token", Tensor.ofLongs(new long[] {1}, 1));
              return b.add("MatMul", b.add("Add", "x", b.add("Gather", w, token)), w);
            },
            new long[] {4},
            4);
    AdapterOptions full = new AdapterOptions(2, 1, 0, List.of("w.weight"), 1);
    assertRefused(picked, full, "laid out otherwise", "(Gather)");
    AdapterOptions none = new AdapterOptions(3, 1, 0, List.of("*bias"), 1);
    assertRefused(AdapterCases.ALL.get("Gemm"), none, "target \"*bias\"", "\"fc.weight\"");
    Model once = InsertAdapters.apply(AdapterCases.ALL.get("Gemm"), options(0));
    AdapterOptions again = new AdapterOptions(2, 1, 0, List.of("fc.weight"), 1);
    assertRefused(once, again, "fc.lora_A.weight", "no adapter yet");
    assertThatThrownBy(() -> MergeAdapters.apply(AdapterCases.ALL.get("Gemm")))
        .hasMessageContaining("no adapters");
    assertThatThrownBy(() -> AdapterWeights.of(once).attach(AdapterCases.ALL.get("Gemm left")))
        .hasMessageContaining("(expected: FLOAT[2, 5])");
  }

  private static void assertRefused(Model model, AdapterOptions options, String... parts) {
    assertThatThrownBy(() -> InsertAdapters.apply(model, options))
        .isInstanceOf(LatheException.class)
        .message()
        .contains(parts);
  }

  private static Set<String> changed(Model before, Model after) {
    Set<String> changed = new LinkedHashSet<>();
    after
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (!tensor.sameContent(before.graph().initializers().get(name))) {
                changed.add(name);
              }
            });
    return changed;
  }

  private static Tensor data(Model model) {
    long[] dims =
        model.graph().input("x").orElseThrow().tensorType().shape().dims().stream()
            .mapToLong(dim -> Math.max(dim.sizeOrMinusOne(), EXAMPLES * (dim.isFixed() ? 0 : 1)))
            .toArray();
    double[] values = new Random(5).doubles(Tensor.sizeOf(dims), -1, 1).toArray();
    return Tensor.ofValues(ElementType.FLOAT, values, dims);
  }

  private static float[] run(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, SessionOptions.training(1))) {
      return session.run(inputs).get("y").toFloats();
    }
  }

  /** The model with random values in its adapters. */
  private static Model random(Model adapted) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(adapted.graph().initializers());
    Random random = new Random(9);
    for (String name : InsertAdapters.parameters(adapted)) {
      initializers.computeIfPresent(
          name,
          (_, old) ->
              Tensor.ofValues(
                  ElementType.FLOAT, random.doubles(old.size(), -1, 1).toArray(), old.dims()));
    }
    return adapted.withGraph(adapted.graph().withInitializers(initializers));
  }

  /** Adapters as inputs, and the loss Σ y². */
  private static Model openedWithLoss(Model adapted) {
    Graph graph = adapted.graph();
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
    for (String name : InsertAdapters.parameters(adapted)) {
      inputs.add(ValueInfo.of(name, initializers.remove(name).tensorType()));
    }
    GraphBuilder builder =
        GraphBuilder.from(graph.withInputs(inputs).withInitializers(initializers));
    String sum = builder.add("ReduceSumSquare", Map.of("keepdims", Attribute.of(0L)), "y");
    builder.append(Node.of("Identity", List.of(sum), List.of("loss")));
    builder.output("loss", ElementType.FLOAT, Shape.SCALAR);
    return adapted.withGraph(builder.build());
  }

  private static double loss(
      Model open, Map<String, Tensor> inputs, String parameter, int index, double by) {
    double[] moved = inputs.get(parameter).toDoubles();
    moved[index] += by;
    Map<String, Tensor> there = new LinkedHashMap<>(inputs);
    there.put(parameter, Tensor.ofDoubles(moved, inputs.get(parameter).dims()));
    return Interpreter.run(open, there).get("loss").doubleAt(0);
  }

  /** Some steps of Adam on the engine; the model with what the steps left in its slots. */
  private static Model train(Model adapted, int steps) {
    Adam adam = Adam.standard();
    Objective objective = new Objective(new MeanSquaredError(), "y");
    StepGraph step =
        TrainingGraphs.of(adapted, objective, adam, InsertAdapters.parameters(adapted)).step();
    Map<String, Tensor> state = new LinkedHashMap<>();
    step.slots().forEach(slot -> state.put(slot.input(), slot.initial()));
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      for (int number = 1; number <= steps; number++) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(state);
        Tensor x = data(adapted);
        inputs.put("x", x);
        Tensor y = Interpreter.run(adapted, Map.of("x", x)).get("y");
        float[] target = new float[(int) y.size()];
        Arrays.fill(target, 0.5f);
        inputs.put(TrainingGraphs.TARGET, Tensor.ofFloats(target, y.dims()));
        inputs.put(TrainingGraphs.WEIGHTS, Tensor.ofFloats(new float[] {1, 1, 1, 1, 1}, EXAMPLES));
        inputs.put(TrainingGraphs.SEED, Tensor.scalar(3L));
        inputs.put(TrainingGraphs.STEP, Tensor.scalar((long) number));
        adam.scalars(number, 0.05).forEach((name, v) -> inputs.put(name, Tensor.scalar(v)));
        Map<String, Tensor> outputs = session.run(inputs);
        step.slots().forEach(slot -> state.put(slot.input(), outputs.get(slot.output())));
      }
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(adapted.graph().initializers());
    step.slots().stream()
        .filter(slot -> slot.kind() == StateSlot.Kind.PARAMETER)
        .forEach(slot -> initializers.put(slot.parameter(), state.get(slot.input())));
    return adapted.withGraph(adapted.graph().withInitializers(initializers));
  }
}
