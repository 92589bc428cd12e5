package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Interpreter;
import dev.lathe.zoo.Gpt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model that was somebody's file: one table of scores, token by token. */
class LanguageModelTest {
  @TempDir private Path folder;

  private static final String RECIPE =
      """
      model: test/bigram
      task: language_model
      data:
        format: text
        train: text.txt
        length: 4
        vocabulary: characters
        validation: 0.2
      base: bigram.onnx
      optimizer: { kind: adam, learning_rate: 0.1 }
      steps: 150
      batch: 8
      """;

  @BeforeEach
  void files() throws Exception {
    Files.writeString(folder.resolve("text.txt"), "abcd".repeat(200));
    OnnxFile.write(bigram(true), folder.resolve("bigram.onnx"));
  }

  private static Model bigram(boolean softmax) {
    GraphBuilder builder = new GraphBuilder("bigram");
    Shape places = Shape.of(List.of(Dim.of("batch"), Dim.of("time")));
    builder.input("ids", ElementType.INT64, places);
    String table = builder.initializer("table", Tensor.zeros(ElementType.FLOAT, 4, 4));
    String last = softmax ? "scores" : "answer";
    builder.append(Node.of("Gather", List.of(table, "ids"), List.of(last)));
    if (softmax) {
      builder.append(Node.of("Softmax", List.of("scores"), List.of("answer")));
    }
    builder.output(
        "answer", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of("time"), Dim.of(4))));
    return Model.of(builder.build());
  }

  private TrainingResult trained(String recipe) {
    return TrainingRun.start(
            Recipe.parse(recipe, "recipe", folder), folder.resolve("run" + recipe.hashCode()))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void bigram_learnsWhatFollowsWhat() {
    TrainingResult result = trained(RECIPE);
    assertThat(result.steps()).isEqualTo(150);
    assertThat(result.metrics().get("validation_loss")).isLessThan(0.05);
    assertThat(result.metrics().get("validation_perplexity"))
        .isCloseTo(Math.exp(result.metrics().get("validation_loss")), within(1e-12));
    assertThat(result.files()).containsOnlyKeys("tokenizer.json");
  }

  @Test
  void byteOrderMark_isNoPartOfTheText() throws Exception {
    Files.writeString(folder.resolve("text.txt"), "\uFEFF" + "abcd".repeat(200));
    assertThat(trained(RECIPE.replace("steps: 150", "steps: 1")).files().get("tokenizer.json"))
        .contains("\"a\"")
        .doesNotContain("\uFEFF")
        .doesNotContainIgnoringCase("feff");
  }

  @Test
  void baseOfAnotherLength_isRefusedNamingTheKeyThatSetsIt() {
    GraphBuilder builder = new GraphBuilder("fixed");
    builder.input("ids", ElementType.INT64, Shape.of(List.of(Dim.of("batch"), Dim.of(3))));
    String table = builder.initializer("table", Tensor.zeros(ElementType.FLOAT, 4, 4));
    builder.append(Node.of("Gather", List.of(table, "ids"), List.of("answer")));
    builder.output(
        "answer", ElementType.FLOAT, Shape.of(List.of(Dim.of("batch"), Dim.of(3), Dim.of(4))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("bigram.onnx"));
    assertThatThrownBy(() -> trained(RECIPE))
        .hasMessageContaining("input \"ids\" INT64")
        .hasMessageContaining("data.length gives sequences another length");
  }

  @Test
  void warmupThatIsLongerThanTheRun_isToldOf() {
    List<String> warnings = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress progress) {
            assertThat(progress.steps()).isEqualTo(2);
          }

          @Override
          public void warning(String message) {
            warnings.add(message);
          }
        };
    for (int warmup : new int[] {1, 2}) {
      String recipe =
          RECIPE.replace("steps: 150", "steps: 2")
              + "schedule: { kind: constant, warmup: "
              + warmup
              + " }\n";
      TrainingRun.start(Recipe.parse(recipe, "recipe", folder), folder.resolve("w" + warmup))
          .run(listener, new CancelToken());
    }
    assertThat(warnings)
        .containsExactly(
            "schedule.warmup: 2 steps, but the run has 2: the full learning rate is never reached");
  }

  @Test
  void somebodysModel_keepsItsInputsAndOutputs() {
    Model model = trained(RECIPE).model();
    Tensor answer =
        Interpreter.run(model, Map.of("ids", Tensor.ofLongs(new long[] {0, 3}, 1, 2)))
            .get("answer");
    assertThat(model.graph().outputs()).hasSize(1);
    assertThat(answer.dims()).containsExactly(1, 2, 4);
    assertThat(answer.doubleAt(1)).as("b after a").isGreaterThan(0.9);
    assertThat(answer.doubleAt(4)).as("a after d").isGreaterThan(0.9);
  }

  @Test
  void softmaxAtTheEnd_isNotTakenTwice() {
    OnnxFile.write(bigram(false), folder.resolve("plain.onnx"));
    double squashed = trained(RECIPE).metrics().get("validation_loss");
    double plain =
        trained(RECIPE.replace("bigram.onnx", "plain.onnx")).metrics().get("validation_loss");
    assertThat(plain).isEqualTo(squashed);
  }

  @Test
  void baseThatDoesNotFit_isRefused() {
    String table =
        """
        model: test/table
        task: regression
        data: { format: csv, train: table.csv }
        base: bigram.onnx
        optimizer: { kind: sgd }
        epochs: 1
        """;
    assertThatThrownBy(
            () -> {
              Files.writeString(folder.resolve("table.csv"), "1,2\n3,4\n");
              trained(table);
            })
        .hasMessageContaining("bigram.onnx: input \"ids\" INT64")
        .hasMessageContaining("expected: FLOAT [N, 1]");
  }

  @Test
  void baseWithOtherScores_isRefused() throws Exception {
    Files.writeString(folder.resolve("text.txt"), "abcde".repeat(200));
    assertThatThrownBy(() -> trained(RECIPE))
        .hasMessageContaining("bigram.onnx: output \"answer\" FLOAT")
        .hasMessageContaining("expected: 5 scores");
  }

  @Test
  void textOfLessThanAWindow_isRefused() {
    assertThatThrownBy(() -> trained(RECIPE.replace("length: 4", "length: 500")))
        .hasMessageContaining("training text: 640 tokens (expected: at least 1000");
  }

  private static final String GPT =
      RECIPE
          .replace(
              "base: bigram.onnx", "architecture: { kind: gpt, width: 16, layers: 1, heads: 2 }")
          .replace("learning_rate: 0.1", "learning_rate: 0.01");

  @Test
  void gpt_learnsFromScratch() {
    TrainingResult result = trained(GPT);
    assertThat(result.metrics().get("validation_loss")).isLessThan(0.1);
    assertThat(result.files().get("sample.txt"))
        .as("what it writes after the text's first four characters")
        .startsWith("abcdabcdabcd")
        .hasSize(4 + 400 + 1);
  }

  @Test
  void gptOfARecipe_isWrittenAndReadAgain() {
    Recipe read = Recipe.parse(GPT, "recipe", folder).withSeed(7);
    assertThat(read.architecture())
        .isEqualTo(new ArchitectureRecipe.Gpt(16, 1, 2, 0, Gpt.Head.TIED));
  }

  @Test
  void curves_areWrittenBesideTheCheckpoints() throws Exception {
    trained(RECIPE);
    try (Stream<Path> files = Files.walk(folder.resolve("run" + RECIPE.hashCode()))) {
      Path curves =
          files
              .filter(file -> file.toString().contains("events.out.tfevents"))
              .findFirst()
              .orElseThrow();
      String text = Files.readString(curves, StandardCharsets.ISO_8859_1);
      assertThat(text).contains("train/loss", "validation/perplexity", "step/learning_rate");
      assertThat(text.split("validation/perplexity", -1))
          .as("one point for each epoch, and no other when the run ends")
          .hasSize(1 + 8);
    }
  }

  @Test
  void networkAndTaskThatDoNotFit_areRefused() {
    assertThatThrownBy(() -> trained(GPT.replace("kind: gpt", "kind: mlp")))
        .hasMessageContaining("architecture");
    assertThatThrownBy(() -> trained(GPT.replace("heads: 2", "heads: 3")))
        .hasMessageContaining("heads");
  }

  @Test
  void bytePairs_areLearnedFromTheText() {
    String gpt =
        RECIPE
            .replace("vocabulary: characters", "vocabulary: { kind: bpe, size: 260 }")
            .replace(
                "base: bigram.onnx", "architecture: { kind: gpt, width: 8, layers: 1, heads: 2 }");
    TrainingResult result = trained(gpt.replace("steps: 150", "steps: 3"));
    assertThat(result.model().graph().initializers().get("wte.weight").dims())
        .as("256 letters, ab, cd, abcd, abcdabcd")
        .containsExactly(260, 8);
    assertThat(result.files().get("tokenizer.json")).contains("\"BPE\"");
  }

  @Test
  void taskAndDataThatDoNotFit_areRefused() {
    assertThatThrownBy(() -> trained(RECIPE.replace("language_model", "classification")))
        .hasMessageContaining("data.format: text does not fit task classification");
    assertThatThrownBy(() -> trained(RECIPE.replace("steps: 150", "")))
        .hasMessageContaining("expected: epochs or steps");
    assertThatThrownBy(() -> trained(RECIPE.replace("base: bigram.onnx", "")))
        .hasMessageContaining("missing key \"architecture\"");
  }
}
