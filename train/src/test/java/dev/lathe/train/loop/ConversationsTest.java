package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.testkit.SmallTalk;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Imported decoders that learn three conversations by heart. */
class ConversationsTest {
  private static final String FULL = "optimizer: { kind: adamw, learning_rate: 0.005 }\n";
  private static final int END = 2;

  @TempDir Path folder;

  private Path base(String shape) throws IOException {
    Path base = Files.createDirectories(folder.resolve(shape));
    Path from = Shared.path("fixtures/hf/" + shape);
    OnnxFile.write(HuggingFace.read(from).model(), base.resolve("model.onnx"));
    Files.copy(from.resolve("config.json"), base.resolve("config.json"));
    SmallTalk.write(base);
    return base;
  }

  private Recipe recipe(Path base, List<String> lines, String more) throws IOException {
    Files.write(folder.resolve("chats.jsonl"), lines);
    String data = more.contains("length:") ? "" : "  length: 64\n";
    String yaml =
        "model: t/talk\ntask: language_model\nbase: "
            + base
            + "\nbatch: 2\ndata:\n  format: conversations\n  train: chats.jsonl\n"
            + data
            + more;
    return Recipe.parse(yaml, "test", folder);
  }

  private static final class Heard implements TrainingListener {
    final List<String> warnings = new ArrayList<>();

    @Override
    public void progress(TrainingProgress now) {
      // Not looked at.
    }

    @Override
    public void warning(String message) {
      warnings.add(message);
    }
  }

  private TrainingResult run(Recipe recipe, TrainingListener listener) {
    return TrainingRun.start(recipe, folder.resolve("run")).run(listener, new CancelToken());
  }

  /** The answer to a prompt, token by token the one with the largest score. */
  private static String answer(Model model, Path base, String prompt) {
    try (Tokenizer tokenizer = Tokenizer.open(base.resolve("tokenizer.json"));
        Session session = Session.open(model, SessionOptions.defaults())) {
      int[] asked = tokenizer.encode(prompt, Specials.WITHOUT).ids();
      int[] text = Arrays.copyOf(asked, asked.length + 12);
      int length = asked.length;
      while (length < text.length && (length == asked.length || text[length - 1] != END)) {
        long[] seen = Arrays.stream(text, 0, length).asLongStream().toArray();
        Tensor scores =
            session.run(Map.of("input_ids", Tensor.ofLongs(seen, 1, length))).get("logits");
        int tokens = Math.toIntExact(scores.dim(2));
        int best = 0;
        for (int k = 1; k < tokens; k++) {
          long last = scores.size() - tokens;
          best = scores.doubleAt(last + k) > scores.doubleAt(last + best) ? k : best;
        }
        text[length++] = best;
      }
      assertThat(text[length - 1]).as("the answer's end").isEqualTo(END);
      return tokenizer.decode(Arrays.copyOfRange(text, asked.length, length), Specials.WITHOUT);
    }
  }

  private static void requireLearned(Model model, Path base) {
    String begins = "<|im_start|>assistant\n";
    String first = "<|im_start|>user\nhow much<|im_end|>\n" + begins;
    assertThat(answer(model, base, "<|im_start|>user\nwho are you<|im_end|>\n" + begins))
        .isEqualTo("i am a small lathe");
    assertThat(answer(model, base, first)).isEqualTo("ten a day");
    assertThat(
            answer(
                model,
                base,
                first + "ten a day<|im_end|>\n<|im_start|>user\nand at night<|im_end|>\n" + begins))
        .isEqualTo("none i sleep");
  }

  @Test
  void cancelledWhileItReads_hasNotBegun() throws IOException {
    Recipe recipe = recipe(base("llama"), SmallTalk.LINES, FULL + "epochs: 1\n");
    CancelToken cancel = new CancelToken();
    cancel.cancel();
    Path run = folder.resolve("run");
    assertThatThrownBy(() -> TrainingRun.start(recipe, run, cancel))
        .hasMessageContaining("reading the data was stopped");
    assertThat(run).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen2", "gpt2"})
  void threeConversations_areLearnedByHeart(String shape) throws IOException {
    Path base = base(shape);
    TrainingResult result =
        run(recipe(base, SmallTalk.LINES, FULL + "epochs: 40\n"), TrainingListener.SILENT);
    requireLearned(result.model(), base);
    assertThat(result.metrics().get("train_perplexity")).isLessThan(1.1);
    assertThat(result.kept().keySet())
        .containsExactlyInAnyOrder(
            "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json");
    assertThat(result.model().graph().inputs())
        .isEqualTo(OnnxFile.read(base.resolve("model.onnx")).graph().inputs());
  }

  @Test
  void adapters_learnThemToo_andEndInTheWeights() throws IOException {
    Path base = base("llama");
    String lora =
        "optimizer: { kind: adamw, learning_rate: 0.01 }\nepochs: 120\n"
            + "lora: { rank: 8, targets: [\"model.layers.*\", \"lm_head*\"] }\n";
    TrainingResult result = run(recipe(base, SmallTalk.LINES, lora), TrainingListener.SILENT);
    requireLearned(result.model(), base);
    assertThat(result.adapters()).hasSize(30);
    assertThat(result.model().graph().nodes())
        .extracting(node -> node.op() + node.inputs() + node.outputs())
        .isEqualTo(
            OnnxFile.read(base.resolve("model.onnx")).graph().nodes().stream()
                .map(node -> node.op() + node.inputs() + node.outputs())
                .toList());
    assertThat(result.model().graph().initializers().get("model.embed_tokens.weight").toFloats())
        .isEqualTo(
            OnnxFile.read(base.resolve("model.onnx"))
                .graph()
                .initializers()
                .get("model.embed_tokens.weight")
                .toFloats());
  }

  @Test
  void validationFile_isMeasuredByPerplexityAndAccuracyOfAnswersOnly() throws IOException {
    Path base = base("llama");
    Files.write(folder.resolve("held.jsonl"), SmallTalk.LINES);
    TrainingResult result =
        run(
            recipe(
                base,
                SmallTalk.LINES,
                "  length: 64\n  validation_file: held.jsonl\n" + FULL + "epochs: 40\n"),
            TrainingListener.SILENT);
    assertThat(result.metrics().get("validation_accuracy")).isEqualTo(1.0);
    assertThat(result.metrics().get("validation_perplexity")).isLessThan(1.1);
    assertThat(result.data())
        .extracting(seen -> seen.role())
        .containsExactly("train", "validation");
  }

  @Test
  void whatIsTooLong_isCutAndTold() throws IOException {
    Path base = base("llama");
    Heard heard = new Heard();
    run(recipe(base, SmallTalk.LINES, "  length: 11\n" + FULL + "epochs: 1\n"), heard);
    assertThat(heard.warnings)
        .contains(
            "train data: 3 of 3 examples are longer than 11 tokens and cut, 1 have nothing to learn"
                + " and are left out");
  }

  @Test
  void nothingWithinTheLength_isRefused() throws IOException {
    Recipe recipe = recipe(base("llama"), SmallTalk.LINES, "  length: 2\n" + FULL + "epochs: 1\n");
    assertThatThrownBy(() -> TrainingRun.start(recipe, folder.resolve("run")))
        .hasMessage(
            "chats.jsonl: nothing to learn within 2 tokens of any example (expected: a larger"
                + " data.length)");
  }

  @Test
  void lengthBeyondTheBase_isRefused() throws IOException {
    Recipe recipe =
        recipe(base("llama"), SmallTalk.LINES, "  length: 300\n" + FULL + "epochs: 1\n");
    assertThatThrownBy(() -> TrainingRun.start(recipe, folder.resolve("run")))
        .hasMessage("data.length: 300 (expected: at most 256, as the base takes)");
  }

  @Test
  void newNetworks_haveNoTokensForConversations() {
    assertThatThrownBy(
            () ->
                Recipe.parse(
                    """
                    model: t/talk
                    task: language_model
                    data: { format: conversations, train: chats.jsonl, length: 8 }
                    architecture: { kind: gpt, width: 8, layers: 1, heads: 1 }
                    optimizer: { kind: adam }
                    epochs: 1
                    """,
                    "test"))
        .hasMessageContaining("conversations with an architecture (expected: base");
  }

  @Test
  void baseThatIsAVersion_needsARegistry() {
    Recipe recipe =
        Recipe.parse(
            """
            model: t/talk
            task: language_model
            data: { format: conversations, train: chats.jsonl, length: 8 }
            base: bard/llama@v1
            optimizer: { kind: adam }
            epochs: 1
            """,
            "test");
    assertThatThrownBy(() -> TrainingRun.start(recipe, folder.resolve("run")))
        .hasMessage("base: bard/llama@v1 (expected: a file or folder, where there is no registry)");
    assertThat(recipe.withSeed(3).architecture()).isEqualTo(recipe.architecture());
  }
}
