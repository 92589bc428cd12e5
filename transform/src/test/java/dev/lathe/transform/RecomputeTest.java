package dev.lathe.transform;

import static dev.lathe.transform.Recomputation.SEGMENTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is computed twice is the same the second time, and is not kept in between. */
class RecomputeTest {
  private static final Objective SQUARES = new Objective(new MeanSquaredError(), "y");

  /** Where a process of Linux sets the most memory that it had to what it has now. */
  private static final Path PEAK = Path.of("/proc/self/clear_refs");

  /** x [N, width] through layers of Gemm, Tanh and Dropout; values h1, h2, ... between them. */
  private static Model deep(int layers, int width) {
    GraphBuilder builder = new GraphBuilder("deep");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(width));
    builder.initializer("ratio", Tensor.scalar(0.2f));
    Random random = new Random(5);
    String last = "x";
    for (int i = 1; i <= layers; i++) {
      String w = builder.initializer("w" + i, normal(random, width, width));
      String b = builder.initializer("b" + i, Tensor.zeros(ElementType.FLOAT, width));
      String tanh = builder.add("Tanh", builder.add("Gemm", last, w, b));
      builder.append(Node.of("Dropout", List.of(tanh, "ratio"), List.of("h" + i)));
      last = "h" + i;
    }
    builder.append(Node.of("Identity", List.of(last), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(width));
    return Model.of(builder.build());
  }

  private static Tensor normal(Random random, int... dims) {
    double[] values = new double[dims[0] * dims[1]];
    Arrays.setAll(values, i -> random.nextGaussian() / Math.sqrt(dims[0]));
    return Tensor.ofValues(ElementType.FLOAT, values, dims[0], dims[1]);
  }

  private static StepGraph step(Model forward, Recomputation recomputation, String... parameters) {
    TrainingOptions options =
        TrainingOptions.of(Sgd.plain())
            .withClipping(new Clipping(1, Double.POSITIVE_INFINITY))
            .withRecomputation(recomputation);
    return TrainingGraphs.of(forward, List.of(SQUARES), options, Set.of(parameters)).step();
  }

  private static String[] parameters(Model forward) {
    return forward.graph().initializers().keySet().stream()
        .filter(name -> !name.equals("ratio"))
        .toArray(String[]::new);
  }

  private static Map<String, Tensor> inputs(StepGraph step, int examples, int width) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", normal(new Random(7), examples, width));
    inputs.put("target", normal(new Random(8), examples, width));
    float[] ones = new float[examples];
    Arrays.fill(ones, 1);
    inputs.put("weights", Tensor.ofFloats(ones, examples));
    inputs.put("learning_rate", Tensor.scalar(0.1f));
    inputs.put("seed", Tensor.scalar(3L));
    inputs.put("step", Tensor.scalar(4L));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    return inputs;
  }

  private static void requireSame(Map<String, Tensor> found, Map<String, Tensor> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> assertThat(found.get(name).sameContent(tensor)).as(name).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"by size", "by name"})
  void everyOutputOfAStep_isBitEqual(String way) {
    Model forward = deep(9, 6);
    Recomputation recomputation =
        way.equals("by size") ? SEGMENTS : Recomputation.behind(List.of("h2", "h4", "h7"));
    StepGraph plain = step(forward, Recomputation.NOTHING, parameters(forward));
    StepGraph twice = step(forward, recomputation, parameters(forward));
    assertThat(nodes(twice)).isGreaterThan(nodes(plain));
    Map<String, Tensor> inputs = inputs(plain, 5, 6);
    requireSame(Interpreter.run(twice.model(), inputs), Interpreter.run(plain.model(), inputs));
    requireSame(engine(twice, inputs), engine(plain, inputs));
  }

  @Test
  void severalBatches_areBitEqualToo() {
    Model forward = deep(6, 4);
    TrainingOptions options =
        TrainingOptions.of(Sgd.plain()).withBatches(TrainingOptions.Batches.SEVERAL);
    Set<String> parameters = Set.of(parameters(forward));
    StepGraph plain =
        TrainingGraphs.of(forward, List.of(SQUARES), options, parameters)
            .accumulation()
            .orElseThrow();
    StepGraph twice =
        TrainingGraphs.of(
                forward, List.of(SQUARES), options.withRecomputation(SEGMENTS), parameters)
            .accumulation()
            .orElseThrow();
    assertThat(nodes(twice)).isGreaterThan(nodes(plain));
    Map<String, Tensor> inputs = inputs(plain, 3, 4);
    inputs.remove("learning_rate");
    for (String parameter : parameters) {
      inputs.put(parameter, forward.graph().initializers().get(parameter));
    }
    requireSame(engine(twice, inputs), engine(plain, inputs));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt.dynamo", "gpt.torchscript", "resnet.dynamo", "lstm.dynamo"})
  void modelsOfOthers_areBitEqual(String name) {
    String base = name.substring(0, name.indexOf('.'));
    Model forward = OnnxFile.read(Shared.path("fixtures/onnx/" + name + ".onnx"));
    Map<String, Tensor> data =
        Safetensors.open(Shared.path("fixtures/onnx/" + base + ".expected.safetensors")).tensors();
    String[] parameters =
        forward.graph().initializers().entrySet().stream()
            .filter(e -> e.getValue().type() == ElementType.FLOAT && e.getValue().rank() > 1)
            .map(Map.Entry::getKey)
            .filter(forwardPath(forward)::contains)
            .toArray(String[]::new);
    Objective objective = new Objective(new CrossEntropy(), "y");
    TrainingOptions options = TrainingOptions.of(Sgd.plain());
    StepGraph plain =
        TrainingGraphs.of(forward, List.of(objective), options, Set.of(parameters)).step();
    StepGraph twice =
        TrainingGraphs.of(
                forward,
                List.of(objective),
                options.withRecomputation(name.startsWith("resnet") ? blocks(forward) : SEGMENTS),
                Set.of(parameters))
            .step();
    assertThat(nodes(twice)).isGreaterThan(nodes(plain));
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", data.get("x"));
    inputs.put("target", data.get("target"));
    float[] ones = new float[(int) data.get("target").dim(0)];
    Arrays.fill(ones, 1);
    inputs.put("weights", Tensor.ofFloats(ones, ones.length));
    inputs.put("learning_rate", Tensor.scalar(1f));
    plain.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    requireSame(Interpreter.run(twice.model(), inputs), Interpreter.run(plain.model(), inputs));
  }

  /** The one block is too small to gain anything: a segment that ends behind it, all the same. */
  private static Recomputation blocks(Model forward) {
    return Recomputation.behind(
        forward.graph().nodes().stream()
            .filter(node -> node.op().equals("Add"))
            .map(node -> node.output(0))
            .toList());
  }

  /** Weights that a MatMul, Gemm or layer reads directly. */
  private static Set<String> forwardPath(Model forward) {
    Set<String> read = new HashSet<>();
    forward.graph().nodes().stream()
        .filter(node -> Set.of("MatMul", "Gemm", "Conv", "LSTM").contains(node.op()))
        .forEach(node -> read.addAll(node.inputs()));
    return read;
  }

  /** 32 layers whose activations take 8 MiB each. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void deepStep_needsHalfTheMemory() throws IOException {
    assumeTrue(Files.isWritable(PEAK), "the system lets a process reset its peak");
    GraphBuilder builder = new GraphBuilder("deep");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(32));
    String last = "x";
    Random random = new Random(5);
    for (int i = 1; i <= 32; i++) {
      String w = builder.initializer("w" + i, normal(random, 32, 32));
      last = builder.add("Tanh", builder.add("MatMul", last, w));
    }
    builder.append(Node.of("Identity", List.of(last), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(32));
    Model forward = Model.of(builder.build());
    String[] parameters = parameters(forward);
    StepGraph plain = step(forward, Recomputation.NOTHING, parameters);
    StepGraph twice = step(forward, SEGMENTS, parameters);
    Map<String, Tensor> inputs = inputs(plain, 1 << 16, 32);
    inputs.keySet().removeAll(Set.of("seed", "step"));
    long less = memory(twice, inputs);
    long more = memory(plain, inputs);
    assertThat(less).as("bytes, with %s bytes where all is kept", more).isLessThan(more / 2);
  }

  /** By how much a step's run raises what the process has in memory at most, in bytes. */
  private static long memory(StepGraph step, Map<String, Tensor> inputs) throws IOException {
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      System.gc();
      Files.writeString(PEAK, "5");
      long before = status("VmRSS");
      session.run(inputs);
      return status("VmHWM") - before;
    }
  }

  private static long status(String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(key + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void nothingToGain_leavesTheStepAsItIs() {
    Model forward = deep(1, 3);
    StepGraph plain = step(forward, Recomputation.NOTHING, parameters(forward));
    StepGraph twice = step(forward, Recomputation.behind(List.of("h1")), parameters(forward));
    assertThat(nodes(twice)).isGreaterThanOrEqualTo(nodes(plain));
    requireSame(engine(twice, inputs(plain, 2, 3)), engine(plain, inputs(plain, 2, 3)));
  }

  @Test
  void segmentBehindAnUnknownValue_isRefused() {
    Model forward = deep(2, 3);
    assertThatThrownBy(
            () -> step(forward, Recomputation.behind(List.of("h9")), parameters(forward)))
        .hasMessage("recomputation behind \"h9\" (expected: a value that a forward node makes)")
        .extracting("code")
        .isEqualTo(TransformError.UNKNOWN_VALUE);
  }

  private static int nodes(StepGraph step) {
    return step.model().graph().nodes().size();
  }

  private static Map<String, Tensor> engine(StepGraph step, Map<String, Tensor> inputs) {
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      return session.run(inputs);
    }
  }
}
