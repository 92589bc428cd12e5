package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Architectures over tokens. */
class SequenceTest {
  private static final int VOCABULARY = 11;
  private static final int CONTEXT = 12;

  static Stream<Architecture> decoders() {
    return Stream.of(
        new Gpt(VOCABULARY, CONTEXT, 16, 2, 4, 0, Gpt.Head.OWN),
        new Gpt(VOCABULARY, CONTEXT, 16, 1, 2, 0.1, Gpt.Head.TIED));
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void batchAndLength_areFree(Architecture architecture) {
    Model model = architecture.build(7);
    assertThat(Checker.check(model)).isEmpty();
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      for (int length : new int[] {1, 5, CONTEXT}) {
        Tensor y = session.run(Map.of("x", tokens(3, length, 1))).get("y");
        assertThat(y.dims()).containsExactly(3, length, VOCABULARY);
        assertThat(y.toDoubles()).doesNotContain(Double.NaN);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void aLaterToken_changesNoEarlierScore(Architecture architecture) {
    Tensor one = tokens(1, 8, 2);
    long[] other = one.toLongs();
    other[5] = (other[5] + 1) % VOCABULARY;
    try (Session session = Session.open(architecture.build(7), SessionOptions.defaults())) {
      float[] before = session.run(Map.of("x", one)).get("y").toFloats();
      float[] after = session.run(Map.of("x", Tensor.ofLongs(other, 1, 8))).get("y").toFloats();
      int unseen = 5 * VOCABULARY;
      assertThat(Arrays.copyOf(after, unseen)).isEqualTo(Arrays.copyOf(before, unseen));
      for (int t = 5; t < 8; t++) {
        int from = t * VOCABULARY;
        assertThat(Arrays.copyOfRange(after, from, from + VOCABULARY))
            .as("token %d", t)
            .isNotEqualTo(Arrays.copyOfRange(before, from, from + VOCABULARY));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void sameSeed_givesTheSameBytes_anotherGivesOthers(Architecture architecture) {
    byte[] once = OnnxFile.toBytes(architecture.build(42));
    assertThat(OnnxFile.toBytes(architecture.build(42))).isEqualTo(once);
    assertThat(OnnxFile.toBytes(architecture.build(43))).isNotEqualTo(once);
  }

  @Test
  void gpt_hasTheParametersOfNanoGpt() {
    int width = 16;
    long blocks = 2L * (12 * width * width + 13 * width);
    long shared = (VOCABULARY + CONTEXT) * width + blocks + 2 * width;
    assertThat(parameters(new Gpt(VOCABULARY, CONTEXT, width, 2, 4, 0, Gpt.Head.TIED)))
        .isEqualTo(shared);
    assertThat(parameters(new Gpt(VOCABULARY, CONTEXT, width, 2, 4, 0, Gpt.Head.OWN)))
        .isEqualTo(shared + VOCABULARY * width);
  }

  @Test
  void gpt_isDrawnAsNanoGpt() {
    Map<String, Tensor> drawn =
        new Gpt(300, 64, 64, 8, 4, 0, Gpt.Head.OWN).build(1).graph().initializers();
    requireDeviation(drawn.get("wte.weight"), 0.02);
    requireDeviation(drawn.get("blocks.3.qkv.weight"), 0.02);
    requireDeviation(drawn.get("blocks.7.proj.weight"), 0.02 / 4);
    requireDeviation(drawn.get("blocks.0.down.weight"), 0.02 / 4);
    assertThat(drawn.get("blocks.0.qkv.bias").toFloats()).containsOnly(0);
    assertThat(drawn.get("lnf.weight").toFloats()).containsOnly(1);
  }

  /** Within five standard errors, around a mean of zero. */
  private static void requireDeviation(Tensor tensor, double deviation) {
    double[] values = tensor.toDoubles();
    double mean = Arrays.stream(values).average().orElseThrow();
    double square = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    double allowed = 5 / Math.sqrt(values.length);
    assertThat(Math.abs(mean) / deviation).isLessThan(allowed);
    assertThat(Math.abs(Math.sqrt(square) / deviation - 1)).isLessThan(allowed);
  }

  private static long parameters(Architecture architecture) {
    return architecture.build(1).graph().initializers().values().stream()
        .mapToLong(Tensor::size)
        .sum();
  }

  private static Tensor tokens(int batch, int length, long seed) {
    int count = batch * length;
    return Tensor.ofLongs(
        new SplittableRandom(seed).longs(count, 0, VOCABULARY).toArray(), batch, length);
  }
}
