package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.VocabularyRecipe.Casing;
import dev.lathe.zoo.Encoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Classes of texts and of tokens, from data that the test makes. */
class SequenceTasksTest {
  private static final String TEXTS =
      """
      model: test/order
      task: text_classification
      data:
        format: texts
        train: texts.jsonl
        label: order
        length: 12
        validation: 0.1
        test_fraction: 0.2
      architecture: { kind: encoder, width: 32, layers: 2, heads: 4 }
      optimizer: { kind: adam, learning_rate: 0.003 }
      epochs: 12
      batch: 32
      """;

  private static final String TAGS =
      """
      model: test/names
      task: token_classification
      data:
        format: conll
        train: train.conll
        test: test.conll
        length: 16
      architecture: { kind: lstm, width: 16 }
      optimizer: { kind: adam, learning_rate: 0.005 }
      epochs: 5
      batch: 16
      """;

  @TempDir private Path folder;

  @BeforeEach
  void files() throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder lines = new StringBuilder();
    StringBuilder table = new StringBuilder("order,text\n");
    for (int i = 0; i < 900; i++) {
      boolean ping = random.nextBoolean();
      String text =
          String.join(
              " ",
              filler(random),
              ping ? "Ping" : "pong",
              filler(random),
              ping ? "pong" : "ping",
              filler(random));
      String label = ping ? "ping first" : "pong first";
      lines.append("{\"order\": \"%s\", \"text\": \"%s\"}\n".formatted(label, text));
      table.append(label).append(",\"").append(text).append("\"\n");
    }
    Files.writeString(folder.resolve("texts.jsonl"), lines);
    Files.writeString(folder.resolve("texts.csv"), table);
    Files.writeString(folder.resolve("train.conll"), sentences(random, 500));
    Files.writeString(folder.resolve("test.conll"), sentences(random, 100));
  }

  private static String filler(SplittableRandom random) {
    StringBuilder words = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      words
          .append(words.isEmpty() ? "" : " ")
          .append("the of and on by".split(" ")[random.nextInt(5)]);
    }
    return words.toString();
  }

  /** What a name names is told by the word behind it; half of the names are there only once. */
  private static String sentences(SplittableRandom random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      for (String word : filler(random).split(" ")) {
        text.append(word).append("\tO\n");
      }
      boolean person = random.nextBoolean();
      String name = "N" + (random.nextBoolean() ? random.nextInt(9) : random.nextInt(1 << 30));
      text.append(name).append(person ? "\tPER\n" : "\tLOC\n");
      text.append(person ? "said" : "city").append("\tO\n");
      for (String word : filler(random).split(" ")) {
        text.append(word).append("\tO\n");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private TrainingResult trained(String recipe) {
    return TrainingRun.start(
            Recipe.parse(recipe, "recipe", folder), folder.resolve("run" + recipe.hashCode()))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: encoder, width: 32, layers: 2, heads: 4 }       | words",
        "{ kind: encoder, width: 32, layers: 2, heads: 4, norm: post } | { kind: bpe, size: 300 }",
        "{ kind: gru, width: 16, dropout: 0.1 }                  | { kind: words, least: 1 }"
      })
  void textClassification_learnsAnOrder(String network, String vocabulary) {
    TrainingResult result =
        trained(
            TEXTS
                .replace("{ kind: encoder, width: 32, layers: 2, heads: 4 }", network)
                .replace("length: 12", "length: 12\n  vocabulary: " + vocabulary));
    assertThat(result.labels()).containsExactly("ping first", "pong first");
    assertThat(result.metrics().get("test_accuracy")).isGreaterThan(0.97);
    assertThat(result.metrics()).containsKey("validation_accuracy");
    assertThat(result.files().get("tokenizer.json")).contains("TemplateProcessing", "[CLS]");
  }

  /** With dropout, and batches that have lengths of their own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: gru, width: 8, dropout: 0.2 }",
        "{ kind: encoder, width: 8, layers: 1, heads: 2, dropout: 0.2 }"
      })
  void stoppedRun_goesOnWithTheSameBits(String network) {
    String recipe = TAGS.replace("{ kind: lstm, width: 16 }", network);
    TrainingResult whole = trained(recipe);
    Path run = folder.resolve("stopped");
    CancelToken cancel = new CancelToken();
    TrainingListener stopping =
        progress -> {
          if (progress.step() >= 40) {
            cancel.cancel();
          }
        };
    TrainingRun first = TrainingRun.start(Recipe.parse(recipe, "recipe", folder), run);
    assertThatThrownBy(() -> first.run(stopping, cancel)).isInstanceOf(LatheException.class);
    TrainingResult resumed =
        TrainingRun.resume(run).run(TrainingListener.SILENT, new CancelToken());
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
    Map<String, Tensor> expected = whole.model().graph().initializers();
    resumed
        .model()
        .graph()
        .initializers()
        .forEach((name, found) -> assertThat(found.sameContent(expected.get(name))).isTrue());
  }

  @Test
  void csvAndJsonLines_areTheSameTexts() {
    String brief = TEXTS.replace("epochs: 12", "steps: 3");
    assertThat(trained(brief.replace("texts.jsonl", "texts.csv")).metrics())
        .isEqualTo(trained(brief).metrics());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: lstm, width: 16 } | epochs: 5",
        "{ kind: encoder, width: 32, layers: 2, heads: 4, dropout: 0.1 } | epochs: 12"
      })
  void tokenClassification_findsNamesThatAreNew(String network, String epochs) {
    String recipe = TAGS.replace("{ kind: lstm, width: 16 }", network).replace("epochs: 5", epochs);
    TrainingResult result = trained(recipe.replace("length: 16", "length: 16\n  validation: 0.1"));
    assertThat(result.labels()).containsExactly("LOC", "O", "PER");
    assertThat(result.metrics().get("test_accuracy")).isGreaterThan(0.97);
    assertThat(result.metrics().get("test_f1")).isGreaterThan(0.95);
    assertThat(result.metrics().get("test_entity_f1")).isGreaterThan(0.93);
  }

  /** The released model takes any batch and length, and padding changes nothing. */
  @Test
  void releasedTagger_answersForEachToken() {
    TrainingResult result = trained(TAGS);
    assertThat(result.files().get("tokenizer.json")).contains("WhitespaceSplit", "\"[PAD]\" : 0");
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      Map<String, Tensor> answers =
          session.run(
              Map.of(
                  "x", Tensor.ofLongs(new long[] {1, 3, 1, 1, 0, 0}, 2, 3),
                  "attention_mask", Tensor.ofLongs(new long[] {1, 1, 1, 1, 0, 0}, 2, 3)));
      assertThat(answers.get("label").dims()).containsExactly(2, 3);
      assertThat(answers.get("probabilities").dims()).containsExactly(2, 3, 3);
    }
  }

  @Test
  void recipes_areWrittenAndReadAgain() {
    Recipe texts = Recipe.parse(TEXTS, "recipe", folder).withSeed(7);
    assertThat(texts.architecture())
        .isEqualTo(
            new ArchitectureRecipe.Encoder(new Encoder.Size(32, 128, 2, 4), 0, Encoder.Norm.PRE));
    assertThat(((DataRecipe.LabelledTexts) texts.data()).vocabulary())
        .isEqualTo(new VocabularyRecipe.Words(30_000, 2, Casing.LOWER));
    assertThat(((DataRecipe.LabelledTexts) texts.data()).columns())
        .isEqualTo(new DataRecipe.TextColumns("text", "order"));
    Recipe tags = Recipe.parse(TAGS, "recipe", folder).withSeed(7);
    assertThat(((DataRecipe.Tagged) tags.data()).vocabulary())
        .isEqualTo(new VocabularyRecipe.Words(30_000, 2, Casing.KEPT));
    assertThat(tags.data().preparation().validation()).isZero();
  }

  @Test
  void whatDoesNotFit_isRefused() throws Exception {
    assertThatThrownBy(() -> trained(TAGS.replace("format: conll", "format: text")))
        .hasMessageContaining("data.format: text does not fit task token_classification");
    assertThatThrownBy(() -> trained(TAGS.replace("kind: lstm", "kind: mlp")))
        .hasMessageContaining("unknown key \"architecture.width\"");
    assertThatThrownBy(() -> trained(TAGS.replace("width: 16", "width: 16, head: tied")))
        .hasMessageContaining("architecture.head: tied (expected: own");
    assertThatThrownBy(() -> trained(TEXTS.replace("label: order", "label: class")))
        .hasMessageContaining("no column \"class\" (expected: one of order, text)");
    Files.writeString(folder.resolve("train.conll"), "a\tO\nb\tX\n\nlonely\n");
    assertThatThrownBy(() -> trained(TAGS))
        .hasMessageContaining("train.conll: line 4: \"lonely\" (expected: a token, a tab");
    Files.writeString(folder.resolve("train.conll"), "a\tO\nb\tX\n");
    assertThatThrownBy(() -> trained(TAGS))
        .hasMessageContaining("test.conll: tag \"")
        .hasMessageContaining("is not among the training tags O, X");
    Files.writeString(folder.resolve("train.conll"), "a\tO\nb\tO\n");
    assertThatThrownBy(() -> trained(TAGS))
        .hasMessageContaining("train.conll: tags: 1 different ones (expected: at least 2)");
    Files.writeString(folder.resolve("other.jsonl"), "{\"order\": \"none\", \"text\": \"on\"}\n");
    String tested = TEXTS.replace("test_fraction: 0.2", "test: other.jsonl");
    assertThatThrownBy(() -> trained(tested))
        .hasMessageContaining("record 1: label \"none\" is not among the training labels ping");
    Files.writeString(folder.resolve("train.conll"), "\n\n");
    assertThatThrownBy(() -> trained(TAGS)).hasMessageContaining("no sentence");
  }

  /** A sentence longer than what the network sees is seen in pieces: every token counts. */
  @Test
  void longSentence_losesNoTag() throws Exception {
    Files.writeString(folder.resolve("test.conll"), "on\tO\n".repeat(41));
    TrainingResult result = trained(TAGS.replace("length: 16", "length: 4"));
    assertThat(result.metrics().get("test_accuracy")).isEqualTo(1);
    assertThat(result.data()).extracting(DataDigest::role).isEqualTo(List.of("train", "test"));
  }
}
