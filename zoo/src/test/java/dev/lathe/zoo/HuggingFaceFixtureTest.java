package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.HuggingFace.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model of the reference data gives the scores and the tokens of transformers. */
class HuggingFaceFixtureTest {
  /** Read by others: what a fixture is asked decides who compares it. */
  private static final Set<String> NO_DECODERS =
      Set.of(
          "bert-classify",
          "bert-embed",
          "bert-qa",
          "distilbert-token",
          "marian",
          "roberta-rerank",
          "t5");

  @TempDir private Path own;

  static List<String> decoders() throws IOException {
    try (Stream<Path> folders = Files.list(Shared.path("fixtures/hf"))) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(name -> !NO_DECODERS.contains(name))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void decoder_scoresAndContinuesAsTransformers(String name) throws IOException {
    Path folder = asTheReferenceSawIt(Shared.path("fixtures/hf/" + name));
    Map<String, Tensor> expected = tensors(Shared.path("fixtures/hf/" + name));
    HuggingFace read = HuggingFace.read(folder);
    assertThat(read.task()).isEqualTo(Task.TEXT_GENERATION);
    try (Session session = Session.open(read.model(), SessionOptions.defaults())) {
      compare(scores(session, expected.get("input_ids")), expected.get("logits"));
      long[] tokens = expected.get("greedy_tokens").toLongs();
      assertThat(greedy(session, expected.get("greedy_prompt").toLongs(), tokens.length))
          .containsExactly(tokens);
    }
  }

  /**
   * Transformers' default way to compute attention leaves out the cap of its scores, and so did the
   * reference; {@code TransformersTest} compares with the way that has it.
   */
  private Path asTheReferenceSawIt(Path folder) throws IOException {
    Path config = folder.resolve("config.json");
    String cap = "\"attn_logit_softcapping\": 50.0";
    String text = Files.readString(config);
    if (!text.contains(cap)) {
      return folder;
    }
    Files.writeString(
        own.resolve("config.json"), text.replace(cap, "\"attn_logit_softcapping\": null"));
    Files.createSymbolicLink(own.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    return own;
  }

  /** Its tokens are a text that the model has learned: few are surprising. */
  @Test
  void trainedDecoder_expectsItsText() {
    Path folder = Shared.path("fixtures/text/shakespeare-llama");
    Tensor tokens = tensors(folder).get("input_ids");
    try (Session session =
        Session.open(HuggingFace.read(folder).model(), SessionOptions.defaults())) {
      assertThat(crossEntropy(scores(session, tokens), tokens)).isCloseTo(2.2519, within(1e-4));
    }
  }

  private static double crossEntropy(Tensor scores, Tensor tokens) {
    int vocabulary = (int) scores.dim(2);
    double sum = 0;
    for (int t = 0; t + 1 < tokens.size(); t++) {
      double all = 0;
      for (int i = 0; i < vocabulary; i++) {
        all += Math.exp(scores.doubleAt((long) t * vocabulary + i));
      }
      double next = scores.doubleAt((long) t * vocabulary + tokens.longAt(t + 1));
      sum += Math.log(all) - next;
    }
    return sum / (tokens.size() - 1);
  }

  private static long[] greedy(Session session, long[] prompt, int count) {
    long[] all = Arrays.copyOf(prompt, prompt.length + count);
    for (int length = prompt.length; length < all.length; length++) {
      Tensor scores = scores(session, Tensor.ofLongs(Arrays.copyOf(all, length), 1, length));
      int vocabulary = (int) scores.dim(2);
      long last = (long) (length - 1) * vocabulary;
      int best = 0;
      for (int i = 1; i < vocabulary; i++) {
        best = scores.doubleAt(last + i) > scores.doubleAt(last + best) ? i : best;
      }
      all[length] = best;
    }
    return Arrays.copyOfRange(all, prompt.length, all.length);
  }

  private static Map<String, Tensor> tensors(Path folder) {
    return Safetensors.open(folder.resolve("expected.safetensors")).tensors();
  }

  private static Tensor scores(Session session, Tensor tokens) {
    return session.run(Map.of("input_ids", tokens)).get("logits");
  }

  private static void compare(Tensor found, Tensor expected) {
    assertThat(found.dims()).containsExactly(expected.dims());
    assertThat(farthest(found.toDoubles(), expected.toDoubles())).isLessThan(1e-4);
  }

  private static double farthest(double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    return IntStream.range(0, found.length)
        .mapToDouble(i -> Math.abs(found[i] - expected[i]))
        .max()
        .orElseThrow();
  }
}
