package dev.lathe.zoo.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Gguf;
import dev.lathe.zoo.ZooError;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a GGUF file says of its model is taken only as far as it makes sense. */
class GgufConfigTest {
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, Gguf.Packed> tensors = new LinkedHashMap<>();

  GgufConfigTest() {
    metadata.put("general.architecture", "llama");
    metadata.put("llama.context_length", 32L);
    metadata.put("llama.embedding_length", 16L);
    metadata.put("llama.block_count", 1L);
    metadata.put("llama.feed_forward_length", 16L);
    metadata.put("llama.attention.head_count", 2L);
    metadata.put("llama.attention.layer_norm_rms_epsilon", 1e-5);
    tensors.put("token_embd.weight", new Ones(20, 16));
  }

  /** A tensor of ones. */
  private record Ones(long... dims) implements Gguf.Packed {
    @Override
    public long[] dims() {
      return dims.clone();
    }

    @Override
    public String type() {
      return "F32";
    }

    @Override
    public void readInto(Tensor room) {
      room.data().copyFrom(Tensor.ofFloats(ones(room), dims).data());
    }

    private static float[] ones(Tensor room) {
      float[] ones = new float[Math.toIntExact(room.size())];
      java.util.Arrays.fill(ones, 1);
      return ones;
    }
  }

  private Map<String, Object> read() {
    return new GgufConfig(new Gguf(metadata, tensors), new GgufMetadata(metadata)).read();
  }

  private void refused(ZooError code, String message) {
    assertThatThrownBy(this::read)
        .isInstanceOfSatisfying(LatheException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void modelWhoseTokensSeeWhatFollows_isRefused() {
    metadata.put("llama.attention.causal", true);
    assertThat(read()).containsEntry("num_attention_heads", 2L);
    metadata.put("llama.attention.causal", false);
    refused(ZooError.UNSUPPORTED, "llama.attention.causal: false (supported: true");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -2, 1L << 40})
  void headsThatCannotBe_areRefused(long heads) {
    metadata.put("llama.attention.head_count", heads);
    refused(
        ZooError.BAD_CONFIG,
        "llama.attention.head_count: " + heads + " (expected: a whole number, 1 to 65536)");
  }

  @Test
  void headWithoutFeatures_isRefused() {
    metadata.put("llama.attention.key_length", 0L);
    refused(ZooError.BAD_CONFIG, "llama.attention.key_length: 0 (expected: a whole number, 1 to");
  }

  @Test
  void factorsOfRotation_areAtMostHalfOfAHead() {
    tensors.put("rope_freqs.weight", new Ones(4));
    assertThat(read().get("rope_parameters"))
        .asString()
        .contains("long_factor=[1.0, 1.0, 1.0, 1.0]");
    tensors.put("rope_freqs.weight", new Ones(5));
    refused(
        ZooError.BAD_CONFIG, "\"rope_freqs.weight\": shape [5] (expected: one axis, of at most 4");
  }
}
