package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.zoo.Cnn.Image;
import dev.lathe.zoo.Cnn.Stage;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
  private static final Cnn CNN =
      new Cnn(
          new Image(1, 28, 28),
          List.of(Stage.same(8, 3, 2), new Stage(16, 5, 2, 1, 1)),
          List.of(32),
          10,
          Activation.RELU);

  static Stream<Arguments> architectures() {
    return Stream.of(
        Arguments.of(new Linear(10, 2), new long[] {5, 10}, 2),
        Arguments.of(new Mlp(7, List.of(), 3, Activation.RELU), new long[] {5, 7}, 3),
        Arguments.of(new Mlp(7, List.of(9, 4), 3, Activation.TANH), new long[] {5, 7}, 3),
        Arguments.of(new Mlp(7, List.of(9, 4), 3, Activation.RELU, 0.3), new long[] {5, 7}, 3),
        Arguments.of(new Mlp(7, List.of(9), 3, Activation.GELU), new long[] {5, 7}, 3),
        Arguments.of(new Mlp(7, List.of(9), 3, Activation.SIGMOID), new long[] {5, 7}, 3),
        Arguments.of(CNN, new long[] {5, 1, 28, 28}, 10),
        Arguments.of(ResNet.ofDepth(new Image(3, 17, 16), 8, 10), new long[] {5, 3, 17, 16}, 10),
        Arguments.of(
            new DepthwiseCnn(
                new Image(3, 16, 16),
                new DepthwiseCnn.Block(8, 2),
                List.of(new DepthwiseCnn.Block(12, 1), new DepthwiseCnn.Block(16, 2)),
                4),
            new long[] {5, 3, 16, 16},
            4));
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void builtModel_passesTheCheckerAndRuns(Architecture architecture, long[] x, int outputs) {
    Model model = architecture.build(7);
    assertThat(Checker.check(model)).isEmpty();
    assertThat(model.graph().inputs().getFirst().tensorType().shape().dims().getFirst())
        .hasToString("N");
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Map<String, Tensor> y = session.run(Map.of("x", Tensor.zeros(ElementType.FLOAT, x)));
      assertThat(y).containsOnlyKeys("y");
      assertThat(y.get("y").dims()).containsExactly(5, outputs);
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void sameSeed_givesTheSameBytes_anotherGivesOthers(Architecture architecture) {
    byte[] once = OnnxFile.toBytes(architecture.build(42));
    assertThat(OnnxFile.toBytes(architecture.build(42))).isEqualTo(once);
    assertThat(OnnxFile.toBytes(architecture.build(43))).isNotEqualTo(once);
  }

  /** Computed by hand from SplitMix64, so that a change of the generator is noticed. */
  @Test
  void firstWeights_areTheSameOnEveryMachine() {
    float[] w = new Linear(4, 1).build(1).graph().initializers().get("0.weight").toFloats();
    assertThat(w).hasSize(4);
    long state = mix(1);
    for (float weight : w) {
      state += 0x9E3779B97F4A7C15L;
      double unit = (mix(state) >>> 40) / (double) (1 << 23) - 1;
      assertThat(weight).isEqualTo((float) (unit / 2));
    }
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Test
  void parameters_haveTheNamesAndShapesOfPyTorch() {
    Map<String, Tensor> mlp =
        new Mlp(7, List.of(9, 4), 3, Activation.RELU).build(1).graph().initializers();
    assertThat(mlp.keySet())
        .containsExactly("0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias");
    assertThat(mlp.get("2.weight").dims()).containsExactly(4, 9);
    Map<String, Tensor> cnn = CNN.build(1).graph().initializers();
    assertThat(cnn.keySet())
        .containsExactly(
            "0.weight", "0.bias", "3.weight", "3.bias", "6.weight", "6.bias", "8.weight", "8.bias");
    assertThat(cnn.get("3.weight").dims()).containsExactly(16, 8, 5, 5);
    assertThat(cnn.get("6.weight").dims()).containsExactly(32, 16 * 6 * 6);
  }

  @Test
  void resNet20_hasThePapersSize() {
    Map<String, Tensor> parameters =
        ResNet.ofDepth(new Image(3, 32, 32), 20, 10).build(1).graph().initializers();
    assertThat(trained(parameters)).isEqualTo(272_474);
    assertThat(parameters.get("layer2.0.downsample.0.weight").dims()).containsExactly(32, 16, 1, 1);
    assertThat(parameters).containsKeys("bn1.running_mean", "layer3.2.bn2.running_var");
    requireNormal(parameters.get("layer3.2.conv2.weight"), Math.sqrt(2.0 / (9 * 64)));
  }

  @Test
  void depthwiseCnn_hasOneKernelPerChannel() {
    Map<String, Tensor> parameters =
        new DepthwiseCnn(
                new Image(1, 16, 16),
                new DepthwiseCnn.Block(8, 1),
                List.of(new DepthwiseCnn.Block(24, 2)),
                5)
            .build(1)
            .graph()
            .initializers();
    assertThat(parameters.get("blocks.0.dw.weight").dims()).containsExactly(8, 1, 3, 3);
    long stem = 9 * 8 + 2 * 8;
    long block = 9 * 8 + 2 * 8 + 8 * 24 + 2 * 24;
    assertThat(trained(parameters)).isEqualTo(stem + block + 24 * 5 + 5);
  }

  private static long trained(Map<String, Tensor> parameters) {
    return parameters.entrySet().stream()
        .filter(entry -> !entry.getKey().contains("running_"))
        .mapToLong(entry -> entry.getValue().size())
        .sum();
  }

  private static void requireNormal(Tensor tensor, double deviation) {
    double[] values = tensor.toDoubles();
    double square = java.util.Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    assertThat(Math.sqrt(square) / deviation).isBetween(0.97, 1.03);
    assertThat(java.util.Arrays.stream(values).average().orElseThrow() / deviation)
        .isBetween(-0.03, 0.03);
  }

  @Test
  void kaiming_fillsPlusMinusOneOverTheRootOfFanIn() {
    Map<String, Tensor> parameters = new Linear(100, 50).build(3).graph().initializers();
    requireSpread(parameters.get("0.weight"), 0.1);
    requireSpread(parameters.get("0.bias"), 0.1);
    Tensor kernel = CNN.build(3).graph().initializers().get("3.weight");
    requireSpread(kernel, 1 / Math.sqrt(8 * 25));
  }

  @Test
  void xavier_usesBothFansAndNoBias() {
    Map<String, Tensor> parameters =
        new Linear(100, 50).build(3, Initializer.XAVIER).graph().initializers();
    requireSpread(parameters.get("0.weight"), Math.sqrt(6.0 / 150));
    assertThat(parameters.get("0.bias").toFloats()).containsOnly(0);
  }

  /** A uniform distribution has mean 0 and standard deviation bound/√3. */
  private static void requireSpread(Tensor tensor, double bound) {
    double[] values = tensor.toDoubles();
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(bound * (1 + 1e-6));
      sum += value;
      squares += value * value;
    }
    double allowed = 5 / Math.sqrt(values.length);
    assertThat(Math.abs(sum / values.length) / bound).isLessThan(allowed);
    assertThat(Math.abs(squares / values.length / (bound * bound) * 3 - 1)).isLessThan(allowed);
  }

  @Test
  void sizesOutOfRange_areRefusedByName() {
    refused(() -> new Linear(0, 2), "linear: inputs: 0 (expected: 1 to 1048576)");
    refused(
        () -> new Mlp(3, List.of(4, -1), 2, Activation.RELU),
        "mlp: hidden[1]: -1 (expected: 1 to 1048576)");
    refused(() -> new Image(1, 0, 5), "cnn: height: 0 (expected: 1 to 8192)");
    refused(() -> new Stage(1, 3, 1, 3, 1), "cnn stage: padding: 3 (expected: 0 to 2)");
    refused(
        () -> cnn(new Image(1, 8, 8), Stage.same(4, 3, 2), new Stage(4, 7, 1, 0, 1)),
        "cnn: stages[1]: kernel: 7 (expected: 1 to 4)");
    refused(
        () -> cnn(new Image(1, 4, 4), new Stage(4, 3, 1, 0, 3)),
        "cnn: stages[0]: pool: 3 (expected: 1 to 2)");
    refused(
        () -> ResNet.ofDepth(new Image(1, 8, 8), 9, 2),
        "resnet: depth: 9 (expected: 8, 14, 20, 26, ...)");
    refused(
        () -> new Gpt(10, 8, 30, 1, 4, 0, Gpt.Head.OWN),
        "gpt: heads: 4 (expected: a divisor of the width 30)");
    refused(
        () -> new Gpt(10, 8, 32, 1, 4, 1, Gpt.Head.OWN),
        "gpt: dropout: 1.0 (expected: 0 or more and less than 1)");
    refused(() -> cnn(new Image(1, 4, 4)), "cnn: stages: layers: 0 (expected: 1 to 256)");
    refused(
        () -> new Linear(1 << 20, 1 << 20).build(1),
        "layer 0: parameters up to here: 1099512676352 (expected: 1 to 268435456)");
  }

  private static Cnn cnn(Image image, Stage... stages) {
    return new Cnn(image, List.of(stages), List.of(), 2, Activation.RELU);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(LatheException.class)
        .hasMessage(message)
        .extracting(e -> ((LatheException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }
}
