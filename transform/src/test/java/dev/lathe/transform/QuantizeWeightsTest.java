package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeWeightsTest {
  private static final int ROWS = 5;
  private static final int INPUTS = 72;
  private static final int OUTPUTS = 70;

  /** x [rows, 72] or [2, rows, 72] by one weight, the product hidden from the head's rule. */
  private enum Way {
    GEMM,
    GEMM_WITH_BIAS,
    MATMUL,
    MATMUL_OF_TRANSPOSED,
    MATMUL_OF_THREE_AXES
  }

  private static Tensor random(long seed, double scale, long... dims) {
    Random random = new Random(seed);
    float[] values = new float[(int) Tensor.sizeOf(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return Tensor.ofFloats(values, dims);
  }

  private static Model model(Way way, Tensor weight) {
    GraphBuilder graph = new GraphBuilder("projection");
    boolean three = way == Way.MATMUL_OF_THREE_AXES;
    String x =
        graph.input(
            "x", ElementType.FLOAT, three ? Shape.of(2, -1, INPUTS) : Shape.batchOf(INPUTS));
    String w = graph.initializer("w", weight);
    String product =
        switch (way) {
          case GEMM -> graph.add("Gemm", Map.of("transB", Attribute.of(1L)), x, w);
          case GEMM_WITH_BIAS ->
              graph.add(
                  "Gemm",
                  Map.of("transB", Attribute.of(1L)),
                  x,
                  w,
                  graph.initializer("b", random(3, 1, OUTPUTS)));
          case MATMUL, MATMUL_OF_THREE_AXES -> graph.add("MatMul", x, w);
          case MATMUL_OF_TRANSPOSED ->
              graph.add(
                  "MatMul", x, graph.add("Transpose", Map.of("perm", Attribute.ofInts(1, 0)), w));
        };
    Shape shape = three ? Shape.of(2, -1, OUTPUTS) : Shape.batchOf(OUTPUTS);
    String y = graph.output(graph.add("Relu", product), ElementType.FLOAT, shape);
    assertThat(y).isNotEmpty();
    return Model.of(graph.build());
  }

  private static Tensor weight(Way way) {
    boolean inputsFirst = way == Way.MATMUL || way == Way.MATMUL_OF_THREE_AXES;
    return inputsFirst ? random(1, 0.3, INPUTS, OUTPUTS) : random(1, 0.3, OUTPUTS, INPUTS);
  }

  private static float[] run(Model model, Tensor x) {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      return session.run(Map.of("x", x)).values().iterator().next().toFloats();
    }
  }

  private static Tensor rows(Way way) {
    return way == Way.MATMUL_OF_THREE_AXES
        ? random(2, 1, 2, ROWS, INPUTS)
        : random(2, 1, ROWS, INPUTS);
  }

  private static Model quantized(Model model, WeightForm form) {
    return QuantizeWeights.apply(model, form, WeightMemory.offHeap());
  }

  private static double worst(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    }
    return worst;
  }

  /** A row of 72 products of deviation 0.3 has deviation 2.5; a level of 8 bits is about 1/40. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void everyWayToWriteAProjection_isQuantized(Way way) {
    Model plain = model(way, weight(way));
    float[] expected = run(plain, rows(way));
    assertThat(worst(run(quantized(plain, WeightForm.W8A8), rows(way)), expected))
        .isBetween(1e-6, 0.12);
    assertThat(worst(run(quantized(plain, WeightForm.INT8), rows(way)), expected))
        .isBetween(1e-6, 0.12);
    assertThat(worst(run(quantized(plain, WeightForm.INT4_BLOCK32), rows(way)), expected))
        .isBetween(1e-3, 1.2);
    assertThat(worst(run(quantized(plain, WeightForm.INT4_BLOCK128), rows(way)), expected))
        .isBetween(1e-3, 1.4);
  }

  /** With activations in FLOAT the kernel must give exactly what the levels and scales say. */
  @ParameterizedTest
  @EnumSource(names = {"INT4_BLOCK32", "INT4_BLOCK128"})
  void levelsAndScales_areWhatTheKernelReads(WeightForm form) {
    Model plain = model(Way.GEMM, weight(Way.GEMM));
    Model blocks = quantized(plain, form);
    Model exact =
        blocks.withGraph(
            blocks
                .graph()
                .withNodes(
                    blocks.graph().nodes().stream()
                        .map(
                            node ->
                                node.op().equals("MatMulNBits")
                                    ? node.with("accuracy_level", Attribute.of(0L))
                                    : node)
                        .toList()));
    Tensor levels = blocks.graph().initializers().get("w/int4");
    Tensor scales = blocks.graph().initializers().get("w/int4/scales");
    float[] weights = new float[OUTPUTS * INPUTS];
    int size = form == WeightForm.INT4_BLOCK32 ? 32 : 128;
    int perRow = (int) levels.dim(1);
    for (int i = 0; i < weights.length; i++) {
      int block = i / INPUTS * perRow + i % INPUTS / size;
      int place = i % INPUTS % size;
      int pair = (int) levels.longAt((long) block * size / 2 + place / 2);
      int level = place % 2 == 0 ? pair & 15 : pair >> 4;
      weights[i] = (float) ((level - 8) * scales.doubleAt(block));
    }
    Model said = model(Way.GEMM, Tensor.ofFloats(weights, OUTPUTS, INPUTS));
    Tensor x = rows(Way.GEMM);
    assertThat(worst(run(exact, x), run(said, x))).isLessThan(1e-5);
  }

  @Test
  void rowsOfW8A8_areRoundedByThemselves() {
    Way way = Way.GEMM;
    float[] weights = weight(way).toFloats();
    Model bytes = quantized(model(way, weight(way)), WeightForm.W8A8);
    float[] x = rows(way).toFloats();
    for (int i = 0; i < INPUTS; i++) {
      x[i] *= 1000; // one row's outlier is no other row's business
      x[INPUTS + i] = 0;
    }
    float[] found = run(bytes, Tensor.ofFloats(x, ROWS, INPUTS));
    for (int row = 0; row < ROWS; row++) {
      float[] alone = Arrays.copyOfRange(x, row * INPUTS, (row + 1) * INPUTS);
      float[] again = run(bytes, Tensor.ofFloats(alone, 1, INPUTS));
      for (int o = 0; o < OUTPUTS; o++) {
        float value = found[row * OUTPUTS + o];
        assertThat(again[o]).isEqualTo(value);
        double expected = byHand(alone, Arrays.copyOfRange(weights, o * INPUTS, (o + 1) * INPUTS));
        assertThat((double) value)
            .isCloseTo(Math.max(0, expected), within(1e-4 * (1 + Math.abs(expected))));
      }
    }
  }

  /** The sum of rounded products, times both scales. */
  private static double byHand(float[] x, float[] w) {
    double xScale = scale(x);
    double wScale = scale(w);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += Math.rint(x[i] / xScale) * Math.rint(w[i] / wScale);
    }
    return sum * xScale * wScale;
  }

  private static double scale(float[] values) {
    float largest = 1e-8f;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest / 127;
  }

  @Test
  void headOfA4BitModel_has8Bits() {
    GraphBuilder graph = new GraphBuilder("two");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(INPUTS));
    String w = graph.initializer("w", random(1, 1, INPUTS, INPUTS));
    String head = graph.initializer("head", random(2, 1, INPUTS, OUTPUTS));
    String logits = graph.add("MatMul", graph.add("MatMul", x, w), head);
    String capped = graph.add("Tanh", logits);
    graph.output(capped, ElementType.FLOAT, Shape.batchOf(OUTPUTS));
    Model small = quantized(Model.of(graph.build()), WeightForm.INT4_BLOCK32);
    assertThat(small.graph().initializers().keySet())
        .containsExactlyInAnyOrder("w/int4", "w/int4/scales", "head/int8", "head/int8/scales");
  }

  @Test
  void inputOfSeveralProjections_isRoundedOnce() {
    GraphBuilder graph = new GraphBuilder("gate");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(INPUTS));
    String gate = graph.add("MatMul", x, graph.initializer("gate", random(1, 1, INPUTS, 80)));
    String up = graph.add("MatMul", x, graph.initializer("up", random(2, 1, INPUTS, 80)));
    graph.output(graph.add("Mul", gate, up), ElementType.FLOAT, Shape.batchOf(80));
    List<String> operators =
        quantized(Model.of(graph.build()), WeightForm.W8A8).graph().nodes().stream()
            .map(Node::op)
            .toList();
    assertThat(operators).containsOnlyOnce("QuantizeLinear");
    assertThat(operators.stream().filter("MatMulIntegerToFloat"::equals)).hasSize(2);
  }

  @Test
  void whatIsSmallOrNoConstant_stays() {
    GraphBuilder graph = new GraphBuilder("router");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(INPUTS));
    String given = graph.input("given", ElementType.FLOAT, Shape.of(INPUTS, 80));
    String router = graph.initializer("router", random(1, 1, INPUTS, 4));
    String first = graph.add("MatMul", x, router);
    graph.output(first, ElementType.FLOAT, Shape.batchOf(4));
    graph.output(graph.add("MatMul", x, given), ElementType.FLOAT, Shape.batchOf(80));
    Model model = Model.of(graph.build());
    assertThat(quantized(model, WeightForm.INT4_BLOCK32).graph().nodes())
        .isEqualTo(model.graph().nodes());
    assertThat(quantized(model, WeightForm.FLOAT32)).isSameAs(model);
  }

  @Test
  void weightThatIsNoNumber_isRefused() {
    float[] values = weight(Way.GEMM).toFloats();
    values[100] = Float.NaN;
    Model broken = model(Way.GEMM, Tensor.ofFloats(values, OUTPUTS, INPUTS));
    for (WeightForm form : List.of(WeightForm.W8A8, WeightForm.INT8, WeightForm.INT4_BLOCK32)) {
      assertThatThrownBy(() -> quantized(broken, form))
          .isInstanceOf(LatheException.class)
          .hasMessage("a weight is NaN (expected: finite numbers, to be quantized)");
    }
  }
}
