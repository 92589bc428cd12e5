package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.List;
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
        new Gpt(VOCABULARY, CONTEXT, 16, 1, 2, 0.1, Gpt.Head.TIED),
        llama(new Llama.Size(16, 24, 2, 4, 2), Gpt.Head.OWN),
        llama(Llama.Size.of(16, 1, 2), Gpt.Head.TIED),
        new RecurrentDecoder(Cell.LSTM, VOCABULARY, 6, 8, 2, 0.2, Gpt.Head.OWN),
        new RecurrentDecoder(Cell.GRU, VOCABULARY, 8, 8, 1, 0, Gpt.Head.TIED));
  }

  private static Llama llama(Llama.Size size, Gpt.Head head) {
    return new Llama(VOCABULARY, CONTEXT, size, Llama.Constants.STANDARD, head);
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

  @Test
  void llama_hasHuggingFacesNamesAndShapes() {
    Map<String, Tensor> parameters =
        llama(new Llama.Size(16, 24, 2, 4, 2), Gpt.Head.OWN).build(1).graph().initializers();
    assertThat(parameters).hasSize(2 * 9 + 3);
    assertThat(parameters.get("model.layers.1.self_attn.k_proj.weight").dims())
        .containsExactly(8, 16);
    assertThat(parameters.get("model.layers.0.mlp.down_proj.weight").dims())
        .containsExactly(16, 24);
    assertThat(parameters.get("lm_head.weight").dims()).containsExactly(VOCABULARY, 16);
    requireDeviation(parameters.get("model.layers.0.mlp.up_proj.weight"), 0.02);
    assertThat(parameters.get("model.norm.weight").toFloats()).containsOnly(1);
    assertThat(llama(Llama.Size.of(16, 1, 2), Gpt.Head.TIED).build(1).graph().initializers())
        .doesNotContainKey("lm_head.weight");
  }

  @Test
  void llamasConfig_saysItsSizes() {
    assertThat(llama(new Llama.Size(16, 24, 2, 4, 2), Gpt.Head.OWN).files().get("config.json"))
        .contains("\"hidden_size\": 16,")
        .contains("\"num_key_value_heads\": 2,")
        .contains("\"head_dim\": 4,")
        .contains("\"rms_norm_eps\": 1.0E-5,")
        .contains("\"tie_word_embeddings\": false,");
  }

  @Test
  void llamaWhoseHeadsDoNotFit_isRefused() {
    assertThatThrownBy(() -> new Llama.Size(16, 24, 2, 4, 3))
        .hasMessage("llama: key heads: 3 (expected: a divisor of the heads 4)");
    assertThatThrownBy(() -> Llama.Size.of(12, 2, 4))
        .hasMessage("llama: features of a head: 3 (expected: even, for rotation)");
    Llama.Size size = Llama.Size.of(16, 1, 4);
    assertThatThrownBy(() -> new Llama(9, 1 << 30, size, Llama.Constants.STANDARD, Gpt.Head.OWN))
        .hasMessageContaining("llama: context: 1073741824 (expected: 1 to ");
  }

  @Test
  void recurrentLayers_areDrawnAsPyTorch() {
    Map<String, Tensor> drawn =
        new RecurrentDecoder(Cell.LSTM, 300, 20, 64, 2, 0, Gpt.Head.OWN)
            .build(1)
            .graph()
            .initializers();
    assertThat(drawn.get("rnn.0.W").dims()).containsExactly(1, 256, 20);
    assertThat(drawn.get("rnn.1.W").dims()).containsExactly(1, 256, 64);
    assertThat(drawn.get("rnn.1.B").dims()).containsExactly(1, 512);
    requireDeviation(drawn.get("emb.weight"), 1);
    for (String name : List.of("rnn.0.W", "rnn.1.R", "rnn.1.B", "head.weight", "head.bias")) {
      double[] values = drawn.get(name).toDoubles();
      assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow())
          .as(name)
          .isBetween(0.11, 0.125);
    }
  }

  @Test
  void tiedRecurrentDecoder_needsAWidthLikeItsStates() {
    assertThatThrownBy(() -> new RecurrentDecoder(Cell.GRU, 9, 6, 8, 1, 0, Gpt.Head.TIED))
        .hasMessage("recurrent decoder: width: 6 (expected: 8, since the head is tied)");
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
