package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.Cell;
import dev.lathe.zoo.DepthwiseCnn.Block;
import dev.lathe.zoo.Gpt.Head;
import dev.lathe.zoo.Llama.Size;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of network that a recipe can name learns what it is for. */
class NetworksOfRecipesTest {
  private static final String IMAGES =
      """
      model: test/digits
      task: classification
      data: { format: csv, train: train.csv, test: test.csv, shape: [1, 8, 8] }
      architecture: { kind: resnet }
      optimizer: { kind: adam, learning_rate: 0.004 }
      schedule: cosine
      epochs: 6
      batch: 32
      """;

  private static final String DEPTHWISE =
      "{ kind: depthwise, stem: { channels: 12 }, blocks: [{ channels: 24 },"
          + " { channels: 48, stride: 2 }] }";

  private static final String TEXT =
      """
      model: test/text
      task: language_model
      data: { format: text, train: text.txt, length: 8, validation: 0.2 }
      architecture: { kind: lstm, width: 16 }
      optimizer: { kind: adam, learning_rate: 0.01 }
      steps: 300
      batch: 8
      """;

  @TempDir private Path folder;

  private TrainingResult trained(String recipe) {
    return TrainingRun.start(Recipe.parse(recipe, "recipe", folder), folder.resolve("run"))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  private static ArchitectureRecipe reread(String recipe) {
    return Recipe.parse(recipe, "recipe").withSeed(7).architecture();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{ kind: resnet, widths: [8, 16, 24] }", DEPTHWISE})
  void imageNetworks_learnHandwrittenDigits(String network) throws Exception {
    for (String part : List.of("train", "test")) {
      Path file = Shared.path("data/optdigits-" + part + ".csv");
      Files.copy(file, folder.resolve(part + ".csv"));
    }
    TrainingResult result = trained(IMAGES.replace("{ kind: resnet }", network));
    assertThat(result.metrics().get("test_accuracy")).isGreaterThan(0.95);
  }

  /** What follows "a" depends on what came before it: who sees "a" alone stays above 0.34. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: lstm, width: 16, hidden: 24, layers: 2 }",
        "{ kind: gru, width: 16, head: tied }",
        "{ kind: llama, width: 24, layers: 2, heads: 4, key_heads: 2 }"
      })
  void languageModels_learnWhatFollowsWhat(String network) throws Exception {
    Files.writeString(folder.resolve("text.txt"), "abac".repeat(300));
    TrainingResult result = trained(TEXT.replace("{ kind: lstm, width: 16 }", network));
    assertThat(result.metrics().get("validation_loss")).isLessThan(0.28);
  }

  @Test
  void llama_isReleasedWithItsConfig() throws Exception {
    Files.writeString(folder.resolve("text.txt"), "abacad".repeat(40));
    String network = "{ kind: llama, width: 16, layers: 1, heads: 2, head: tied }";
    TrainingResult result =
        trained(TEXT.replace("{ kind: lstm, width: 16 }", network).replace("300", "2"));
    assertThat(result.files()).containsOnlyKeys("config.json", "sample.txt", "tokenizer.json");
    assertThat(result.files().get("config.json"))
        .contains("\"vocab_size\": 4,", "\"max_position_embeddings\": 8,");
    Tensor table = result.model().graph().initializers().get("model.embed_tokens.weight");
    assertThat(table.dims()).containsExactly(4, 16);
  }

  @Test
  void networks_areWrittenAndReadAgain() {
    assertThat(reread(IMAGES)).isEqualTo(new ArchitectureRecipe.ResNet(List.of(16, 32, 64), 1));
    assertThat(reread(IMAGES.replace("{ kind: resnet }", DEPTHWISE)))
        .isEqualTo(
            new ArchitectureRecipe.Depthwise(
                new Block(12, 1), List.of(new Block(24, 1), new Block(48, 2))));
    assertThat(reread(TEXT))
        .isEqualTo(new ArchitectureRecipe.Recurrent(Cell.LSTM, 16, 16, 1, 0, Head.OWN));
    assertThat(reread(TEXT.replace("lstm, width: 16", "gru, width: 16, hidden: 9, dropout: 0.5")))
        .isEqualTo(new ArchitectureRecipe.Recurrent(Cell.GRU, 16, 9, 1, 0.5, Head.OWN));
    assertThat(reread(TEXT.replace("lstm, width: 16", "llama, width: 16, layers: 2, heads: 4")))
        .isEqualTo(new ArchitectureRecipe.Llama(new Size(16, 64, 2, 4, 4), Head.OWN));
  }

  @Test
  void networkThatDoesNotFitItsTaskOrData_isRefused() {
    assertThatThrownBy(() -> reread(IMAGES.replace("{ kind: resnet }", "{ kind: gru, width: 8 }")))
        .hasMessageContaining("architecture.kind: gru does not fit task classification");
    assertThatThrownBy(() -> reread(TEXT.replace("{ kind: lstm, width: 16 }", "{ kind: resnet }")))
        .hasMessageContaining("architecture.kind: resnet does not fit task language_model");
    assertThatThrownBy(() -> reread(IMAGES.replace(", shape: [1, 8, 8]", "")))
        .hasMessageContaining(
            "data.shape: [] (expected: [channels, height, width], since architecture.kind is"
                + " resnet)");
    assertThatThrownBy(
            () -> reread(IMAGES.replace("{ kind: resnet }", "{ kind: resnet, depth: 8 }")))
        .hasMessageContaining("unknown key \"architecture.depth\"");
  }
}
