package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoders of Hugging Face over a cache: transformers' logits and tokens in every use of it. */
class DecoderFixtureTest {
  @TempDir private Path own;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gemma2",
        "gemma3",
        "gpt2",
        "llama",
        "llama3-rope",
        "mistral",
        "phi3",
        "qwen2",
        "qwen3"
      })
  void decoder_givesTheReferencesLogitsAndTokens(String name) throws IOException {
    Path folder = Shared.path("fixtures/hf/" + name);
    Map<String, Tensor> expected =
        Safetensors.open(folder.resolve("expected.safetensors")).tensors();
    HuggingFace read = HuggingFace.read(asTheReferenceSawIt(folder));
    CachedDecoder decoder = CachedDecoder.of(read.model());
    try (CacheCases cases = new CacheCases(read.model(), decoder, 50, 3)) {
      assertThat(cases.worst()).isLessThan(2e-5f);
    }
    requireLogits(decoder, expected);
    requireTokens(decoder, expected.get("greedy_prompt"), expected.get("greedy_tokens"));
  }

  @Test
  void trainedDecoder_givesThePlainFormsLogits() {
    HuggingFace read = HuggingFace.read(Shared.path("fixtures/text/shakespeare-llama"));
    CachedDecoder decoder = CachedDecoder.of(read.model());
    assertThat(decoder.takesPositions()).isFalse();
    assertThat(decoder.context()).isEqualTo(1024);
    try (CacheCases cases = new CacheCases(read.model(), decoder, 60, 3)) {
      assertThat(cases.worst()).isLessThan(1e-4f);
    }
  }

  private static void requireLogits(CachedDecoder decoder, Map<String, Tensor> expected) {
    Tensor tokens = expected.get("input_ids");
    int length = (int) tokens.dim(1);
    float[][] logits = CacheRun.rows(expected.get("logits"));
    try (CacheRun run = new CacheRun(decoder, 1, length)) {
      for (int row = 0; row < tokens.dim(0); row++) {
        long[] ids = Arrays.copyOfRange(tokens.toLongs(), row * length, (row + 1) * length);
        float[][] first = run.append(0, 0, Arrays.copyOf(ids, length - 3));
        float[][] last = run.append(0, length - 3, Arrays.copyOfRange(ids, length - 3, length));
        for (int t = 0; t < length; t++) {
          float[] found = t < length - 3 ? first[t] : last[t - length + 3];
          assertThat(apart(found, logits[row * length + t])).isLessThan(1e-4f);
        }
      }
    }
  }

  private static float apart(float[] found, float[] expected) {
    float worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    }
    return worst;
  }

  private static void requireTokens(CachedDecoder decoder, Tensor prompt, Tensor tokens) {
    long[] expected = tokens.toLongs();
    long[] found = new long[expected.length];
    int place = (int) prompt.size();
    try (CacheRun run = new CacheRun(decoder, 1, place + expected.length)) {
      float[][] logits = run.append(0, 0, prompt.toLongs());
      for (int i = 0; i < found.length; i++) {
        found[i] = best(logits[logits.length - 1]);
        logits = run.append(0, place + i, found[i]);
      }
    }
    assertThat(found).containsExactly(expected);
  }

  static long best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    return best;
  }

  /** Transformers' default way to compute attention leaves out the cap of its scores. */
  private Path asTheReferenceSawIt(Path folder) throws IOException {
    String cap = "\"attn_logit_softcapping\": 50.0";
    String text = Files.readString(folder.resolve("config.json"));
    if (!text.contains(cap)) {
      return folder;
    }
    Files.writeString(
        own.resolve("config.json"), text.replace(cap, "\"attn_logit_softcapping\": null"));
    Files.copy(folder.resolve("model.safetensors"), own.resolve("model.safetensors"));
    return own;
  }
}
