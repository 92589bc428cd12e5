package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.bleu.Bleu;
import dev.lathe.train.recipe.RecipeWriter;
import dev.lathe.train.translation.Translator;
import java.io.File;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language of which each word is the same word in capitals. */
class TranslationTest {
  private static final List<String> WORDS = List.of("ba", "do", "ki", "lu", "me", "ro");

  private static final String RECIPE =
      """
      model: test/capitals
      task: translation
      data:
        format: parallel
        train_source: train.a.gz
        train_target: train.b
        validation_source: validation.a
        validation_target: validation.b
        test_source: test.a
        test_target: test.b
        length: 12
        vocabulary: { kind: bpe, size: 290 }
      architecture: { kind: encoder_decoder, width: 32, layers: 1, heads: 4, feed_forward: 64, dropout: 0.05 }
      loss: { kind: cross_entropy, label_smoothing: 0.1 }
      optimizer: { kind: adam, learning_rate: 0.01 }
      schedule: { kind: cosine, warmup: 20 }
      steps: 300
      batch: 16
      """;

  @TempDir private Path folder;

  @BeforeEach
  void files() throws Exception {
    pairs("train", 500, 1);
    pairs("validation", 41, 2);
    pairs("test", 30, 3);
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("train.a.gz")))) {
      out.write(Files.readAllBytes(folder.resolve("train.a")));
    }
  }

  private void pairs(String part, int count, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> sources = new ArrayList<>();
    List<String> targets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> words =
          IntStream.range(0, 3 + random.nextInt(6))
              .mapToObj(_ -> WORDS.get(random.nextInt(WORDS.size())))
              .toList();
      sources.add(String.join(" ", words));
      targets.add(
          words.stream()
              .map(word -> word.toUpperCase(Locale.ROOT))
              .collect(Collectors.joining(" ")));
    }
    Files.write(folder.resolve(part + ".a"), sources);
    Files.write(folder.resolve(part + ".b"), targets);
  }

  private TrainingResult trained(String recipe, String run) {
    return TrainingRun.start(Recipe.parse(recipe, "recipe", folder), folder.resolve(run))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void aLanguage_isLearned_andWhatIsReleasedTranslates() throws Exception {
    TrainingResult result = trained(RECIPE, "run");
    assertThat(result.metrics().get("test_bleu")).isGreaterThan(60);
    assertThat(result.metrics().get("validation_accuracy")).isBetween(0.8, 1.0);
    assertThat(result.metrics().get("validation_perplexity"))
        .isCloseTo(Math.exp(result.metrics().get("validation_loss")), within(1e-9));
    assertThat(result.files()).containsOnlyKeys("tokenizer.json", "generation_config.json");
    List<String> written = Files.readAllLines(folder.resolve("run/translations.txt"));
    List<String> references = Files.readAllLines(folder.resolve("test.b"));
    Bleu bleu = new Bleu();
    for (int i = 0; i < references.size(); i++) {
      bleu.add(written.get(i), references.get(i));
    }
    assertThat(bleu.score()).isEqualTo(result.metrics().get("test_bleu"));
    Path file = folder.resolve("model.onnx");
    OnnxFile.write(result.model(), file);
    List<String> sources = Files.readAllLines(folder.resolve("test.a"));
    try (Translator translator = Translator.open(OnnxFile.read(file), result.files(), 1)) {
      assertThat(translator.translate(sources)).isEqualTo(written);
      assertThat(translator.translate(sources.subList(7, 8))).isEqualTo(written.subList(7, 8));
      assertThat(translator.translate(List.of("", "ba ".repeat(100)))).hasSize(2);
    }
  }

  @Test
  void bleuOfTheValidationPart_isWatchedAndItsBestWeightsAreReleased() throws Exception {
    List<Double> seen = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress now) {
            if (now.metrics().containsKey("validation_bleu")) {
              seen.add(now.metrics().get("validation_bleu"));
            }
          }
        };
    String text =
        RECIPE
            + """
            metrics: [bleu, exact_match, perplexity]
            written: 9
            early_stop: { metric: bleu, patience: 4 }
            """;
    Recipe recipe = Recipe.parse(text, "recipe", folder);
    assertThat(Recipe.parse(RecipeWriter.yaml(recipe), "again", folder).written()).isEqualTo(9);
    TrainingResult result =
        TrainingRun.start(recipe, folder.resolve("run")).run(listener, new CancelToken());
    List<String> sources = Files.readAllLines(folder.resolve("validation.a")).subList(0, 9);
    List<String> references = Files.readAllLines(folder.resolve("validation.b"));
    Bleu bleu = new Bleu();
    try (Translator translator = Translator.open(result.model(), result.files(), 1)) {
      List<String> written = translator.translate(sources);
      for (int i = 0; i < 9; i++) {
        bleu.add(written.get(i), references.get(i));
      }
    }
    assertThat(result.metrics().get("validation_bleu")).isEqualTo(bleu.score());
    assertThat(seen).contains(bleu.score()).allMatch(one -> one <= bleu.score());
    assertThat(seen.getFirst()).isLessThan(bleu.score());
    assertThat(result.metrics()).containsKeys("validation_exact_match", "test_bleu");
  }

  /** As where the disk is full: the file cannot be written, for there is a folder. */
  @Test
  void translationsThatCannotBeWritten_costAWarningNotTheRun() {
    List<String> warnings = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress now) {
            assertThat(folder.resolve("run/translations.txt").toFile()).satisfies(File::mkdir);
          }

          @Override
          public void warning(String message) {
            warnings.add(message);
          }
        };
    Recipe recipe = Recipe.parse(RECIPE.replace("steps: 300", "steps: 2"), "recipe", folder);
    TrainingResult result =
        TrainingRun.start(recipe, folder.resolve("run")).run(listener, new CancelToken());
    assertThat(result.metrics()).containsKey("test_bleu");
    assertThat(warnings.getLast())
        .startsWith("translations ")
        .contains("translations.txt: not written: ");
  }

  @Test
  void aStoppedRun_goesOnBitForBit() {
    String recipe = RECIPE.replace("steps: 300", "steps: 45\ncheckpoint: { every: 7 }");
    TrainingResult whole = trained(recipe, "whole");
    CancelToken stop = new CancelToken();
    TrainingListener stopper =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress now) {
            stop.cancel();
          }
        };
    TrainingRun begun =
        TrainingRun.start(Recipe.parse(recipe, "recipe", folder), folder.resolve("stopped"));
    assertThatThrownBy(() -> begun.run(stopper, stop)).hasMessageContaining("stopped after step");
    TrainingResult resumed =
        TrainingRun.resume(folder.resolve("stopped"))
            .run(TrainingListener.SILENT, new CancelToken());
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
    whole
        .model()
        .graph()
        .initializers()
        .forEach((name, value) -> requireSame(value, resumed.model().graph().initializers(), name));
  }

  private static void requireSame(Tensor value, java.util.Map<String, Tensor> others, String name) {
    assertThat(others.get(name).sameContent(value)).as(name).isTrue();
  }

  @Test
  void smoothing_isNotMeasured() {
    String one = RECIPE.replace("steps: 300", "steps: 1").replace("0.01 }", "1.0e-30 }");
    assertThat(trained(one, "smooth").metrics().get("validation_loss"))
        .isEqualTo(
            trained(one.replace("label_smoothing: 0.1", "label_smoothing: 0"), "plain")
                .metrics()
                .get("validation_loss"));
  }

  @Test
  void filesThatDoNotFit_areRefused() throws Exception {
    Files.writeString(folder.resolve("test.b"), "ONE LINE\n");
    assertThatThrownBy(() -> trained(RECIPE, "lines"))
        .hasMessageContaining("test.b: 1 lines (expected: 30, as in");
    Files.write(folder.resolve("test.b"), new byte[] {(byte) 0xff, 10});
    assertThatThrownBy(() -> trained(RECIPE, "bytes"))
        .hasMessageContaining("test.b: after line 0: not UTF-8 text");
    Files.writeString(folder.resolve("train.a.gz"), "no gzip", StandardCharsets.UTF_8);
    assertThatThrownBy(() -> trained(RECIPE, "gzip")).hasMessageContaining("broken gzip");
    Files.delete(folder.resolve("train.b"));
  }

  @Test
  void recipesThatDoNotFit_areRefused() {
    refused("length: 12", "length: 2", "none of 500 pairs has at most 2 tokens");
    refused("  test_target: test.b\n", "", "test_source and test_target belong together");
    refused("kind: bpe", "kind: characters", "expected: bpe");
    refused("task: translation", "task: language_model", "expected: gpt, llama, lstm, gru)");
    refused("size: 290", "size: 256", "byte-pair vocabulary of 256 (expected: 259");
    refused("heads: 4", "heads: 5", "heads: 5 (expected: a divisor of the width 32)");
  }

  private void refused(String part, String replacement, String message) {
    assertThat(RECIPE).contains(part);
    assertThatThrownBy(() -> trained(RECIPE.replace(part, replacement), "run"))
        .hasMessageContaining(message);
  }
}
