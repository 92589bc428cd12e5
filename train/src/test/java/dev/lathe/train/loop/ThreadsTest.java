package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs of the same number of threads give the same bits, and a resumed run keeps its number. Where
 * the engine divides no product by columns, the number changes nothing either: see the decision
 * about threads.
 */
class ThreadsTest {
  private static final String DIGITS =
      "data: { format: drawn_digits, train: 600, test: 0, normalize: standard_all }, "
          + "task: classification, batch: 64, steps: 12, ";
  private static final String TEXT =
      "data: { format: text, train: text.txt, length: 64 }, "
          + "task: language_model, batch: 16, steps: 6, ";

  @TempDir private Path folder;

  @BeforeEach
  void text() throws Exception {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    random.ints(6000, 0, 30).forEach(i -> text.append((char) ('a' + i)));
    Files.writeString(folder.resolve("text.txt"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        DIGITS + "architecture: { kind: resnet }",
        TEXT + "architecture: { kind: gpt, width: 128, layers: 2, heads: 4, dropout: 0.1 }",
        TEXT + "architecture: { kind: lstm, width: 128, layers: 2 }",
      })
  void oneTwoAndFourThreads_giveTheSameBits(String keys) {
    byte[] one = trained(keys, 1, "one");
    assertThat(Arrays.equals(trained(keys, 2, "two"), one)).as("two threads").isTrue();
    assertThat(Arrays.equals(trained(keys, 4, "four"), one)).as("four threads").isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        DIGITS + "architecture: { kind: mlp, hidden: [400, 200] }",
        DIGITS
            + "architecture: { kind: cnn, stages: [{ channels: 32, kernel: 5, pool: 2 },"
            + " { channels: 64, kernel: 3 }], hidden: [128] }",
      })
  void fourThreads_giveTheSameBitsAgain(String keys) {
    assertThat(Arrays.equals(trained(keys, 4, "a"), trained(keys, 4, "b"))).isTrue();
  }

  @Test
  void resumedRun_keepsItsNumberOfThreads() {
    RunFolder run = new RunFolder(folder.resolve("run"));
    run.begin(recipe(DIGITS + "architecture: { kind: linear }"), 3);
    assertThat(run.threads()).isEqualTo(3);
  }

  private byte[] trained(String keys, int threads, String name) {
    Path directory = folder.resolve(name);
    new RunFolder(directory).begin(recipe(keys), threads);
    return OnnxFile.toBytes(
        TrainingRun.resume(directory).run(TrainingListener.SILENT, new CancelToken()).model());
  }

  private Recipe recipe(String keys) {
    return Recipe.parse(
        "{ model: t/threads, optimizer: { kind: adam, learning_rate: 0.003 }, "
            + "update: { clip_norm: 1.0 }, "
            + keys
            + " }",
        "recipe",
        folder);
  }
}
