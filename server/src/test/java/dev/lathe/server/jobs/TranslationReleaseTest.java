package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.train.translation.Translator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A released model for translation translates with nothing but its own files. */
class TranslationReleaseTest {
  private static final String RECIPE =
      """
      model: demo/shout
      task: translation
      data:
        format: parallel
        train_source: a.txt
        train_target: b.txt
        test_source: a.txt
        test_target: b.txt
        length: 12
        vocabulary: { kind: bpe, size: 270 }
      architecture: { kind: encoder_decoder, width: 16, layers: 1, heads: 2, feed_forward: 32 }
      optimizer: { kind: adam, learning_rate: 0.01 }
      steps: 60
      batch: 16
      """;

  @TempDir private Path folder;

  @Test
  void filesOfAVersion_giveTheTranslationsOfTheRun() throws Exception {
    List<String> sources = sentences();
    Files.write(folder.resolve("a.txt"), sources);
    Files.write(
        folder.resolve("b.txt"), sources.stream().map(s -> s.toUpperCase(Locale.ROOT)).toList());
    TrainingResult result =
        TrainingRun.start(Recipe.parse(RECIPE, "recipe", folder), folder.resolve("run"))
            .run(TrainingListener.SILENT, new CancelToken());
    Path files = folder.resolve("files");
    ModelName model = ModelName.parse("demo/shout");
    try (Registry registry = Registry.open(folder.resolve("registry"))) {
      VersionInfo version =
          new TrainingRelease(registry, InstantSource.system()).publish(model, result, folder, "");
      assertThat(version.metadata().lineage().metrics()).containsKey("test_bleu");
      registry.checkout(model, version.version(), files);
    }
    List<String> expected = Files.readAllLines(folder.resolve("run/translations.txt"));
    assertThat(expected).hasSameSizeAs(sources).anyMatch(line -> !line.isBlank());
    Map<String, String> beside =
        Map.of(
            "tokenizer.json", Files.readString(files.resolve("tokenizer.json")),
            "generation_config.json", Files.readString(files.resolve("generation_config.json")));
    try (Translator translator =
        Translator.open(OnnxFile.read(files.resolve("model.onnx")), beside, 1)) {
      assertThat(translator.translate(sources)).isEqualTo(expected);
    }
  }

  private static List<String> sentences() {
    SplittableRandom random = new SplittableRandom(4);
    List<String> words = List.of("ba", "do", "ki", "lu");
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      sentences.add(
          random
              .ints(1 + random.nextInt(6), 0, words.size())
              .mapToObj(words::get)
              .collect(Collectors.joining(" ")));
    }
    return sentences;
  }
}
