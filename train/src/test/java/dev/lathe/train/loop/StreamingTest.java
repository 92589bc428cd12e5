package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.data.Preparing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes whose data are read from the file in every epoch. */
@Timeout(300)
class StreamingTest {
  private static final int ROWS = 30_000;

  @TempDir static Path data;
  @TempDir Path folder;

  @BeforeAll
  static void write() throws IOException {
    Dice dice = new Dice(5);
    StringBuilder csv = new StringBuilder("kind,a,b,note,c\n");
    StringBuilder json = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      int kind = dice.below(3);
      double a = kind + dice.normal() / 3;
      double b = 100 - 50 * kind + dice.normal();
      float c = dice.below(1000) / 8f;
      csv.append(List.of("red", "green", "blue").get(kind)).append(',');
      csv.append(a).append(',').append(b).append(",\"n, ").append(i).append("\",");
      csv.append(c).append('\n');
      json.append("{\"x\": [").append(a).append(", ").append(b).append("], \"kind\": \"k");
      json.append(kind).append("\"}\n");
    }
    Files.writeString(data.resolve("d.csv"), csv);
    Files.writeString(data.resolve("d.jsonl"), json);
  }

  private static Recipe csv(int window) {
    return Recipe.parse(
        """
        model: t/streamed
        task: classification
        data:
          format: csv
          header: true
          train: d.csv
          label: kind
          features: [c, a, b]
          window: %d
          validation: 0.1
          test_fraction: 0.05
          normalize: standard
        architecture: { kind: mlp, hidden: [8] }
        optimizer: { kind: adam, learning_rate: 0.01 }
        update: { batches: 2, average: 0.9 }
        epochs: 3
        batch: 128
        checkpoint: { every: 40 }
        """
            .formatted(window),
        "streamed.yaml",
        data);
  }

  private static TrainingResult run(
      Recipe recipe, Path directory, TrainingListener listener, CancelToken cancel) {
    AtomicLong clock = new AtomicLong();
    TrainingLoop.Watch watch =
        new TrainingLoop.Watch(listener, cancel, () -> clock.addAndGet(200_000_000L));
    Plan plan = Plan.of(recipe, Preparing.of(recipe));
    RunFolder run = new RunFolder(directory);
    try (FileChannel _ = run.lock();
        TrainingLoop loop = new TrainingLoop(plan, run, watch)) {
      return loop.run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static TrainingListener killAt(long step) {
    return progress -> {
      if (progress.step() >= step) {
        throw new Killed();
      }
    };
  }

  @Test
  void timeThatStepsWaitedForData_isInTheProgress() {
    List<Double> waits = new ArrayList<>();
    TrainingListener listener =
        progress -> {
          if (progress.step() > 0) {
            waits.add(progress.metrics().get("data_wait"));
          }
        };
    run(csv(30_000), folder, listener, new CancelToken());
    assertThat(waits).isNotEmpty().allMatch(wait -> wait > 0 && wait < 1);
    assertThat(waits.getLast()).as("not of epochs' beginnings alone").isGreaterThan(0.1);
  }

  @Test
  void fileBeyondTheWindow_isStreamed_andOneBelowIsHeld() {
    PreparedData held = Preparing.of(csv(64));
    PreparedData streamed = Preparing.of(csv(1));
    assertThat(held.train().isInMemory()).isTrue();
    assertThat(streamed.train().isInMemory()).isFalse();
    assertThat(streamed.answers()).isEqualTo(held.answers());
    assertThat(streamed.digests()).isEqualTo(held.digests());
    assertThat(streamed.exampleDims()).containsExactly(3);
    assertThat(streamed.train().columns()).isEqualTo(held.train().columns());
    for (Part part : List.of(streamed.train(), streamed.validation(), streamed.test())) {
      assertThat(part.size()).isPositive();
    }
    assertThat(streamed.train().size() + streamed.validation().size() + streamed.test().size())
        .isEqualTo(ROWS);
    float[] close = held.normalizer().mean().toFloats();
    assertThat(streamed.normalizer().mean().toFloats()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      double off = streamed.normalizer().mean().doubleAt(i) - close[i];
      assertThat(Math.abs(off)).isLessThan(0.02 * Math.abs(close[i]));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 99, 107, 250})
  void streamedRun_killedAndResumed_isBitIdentical(long step) throws Exception {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    TrainingResult expected = run(csv(1), whole, TrainingListener.SILENT, new CancelToken());
    assertThat(expected.metrics().get("test_accuracy")).isGreaterThan(0.9);
    Path directory = Files.createDirectory(folder.resolve("killed"));
    Throwable killed =
        catchThrowable(() -> run(csv(1), directory, killAt(step), new CancelToken()));
    assertThat(killed).isInstanceOf(Killed.class);
    TrainingResult resumed = run(csv(1), directory, TrainingListener.SILENT, new CancelToken());
    assertThat(resumed.metrics()).isEqualTo(expected.metrics());
    expected
        .model()
        .graph()
        .initializers()
        .forEach(
            (name, tensor) ->
                assertThat(resumed.model().graph().initializers().get(name).sameContent(tensor))
                    .as(name)
                    .isTrue());
  }

  @Test
  void cancel_endsWithACheckpoint() throws Exception {
    CancelToken cancel = new CancelToken();
    Path directory = Files.createDirectory(folder.resolve("cancelled"));
    assertThatThrownBy(
            () ->
                run(
                    csv(1),
                    directory,
                    progress -> {
                      if (progress.step() > 10) {
                        cancel.cancel();
                      }
                    },
                    cancel))
        .hasMessageContaining("training was stopped after step 1");
    assertThat(directory.resolve("checkpoints")).isNotEmptyDirectory();
  }

  @Test
  void fileThatChangedBetweenRuns_isRefusedByItsDigest() throws Exception {
    Path other = Files.createDirectory(folder.resolve("data"));
    Path file = Files.copy(data.resolve("d.csv"), other.resolve("d.csv"));
    Recipe recipe = Recipe.parse(csv(1).source(), "r.yaml", other);
    Path directory = Files.createDirectory(folder.resolve("run"));
    assertThatThrownBy(() -> run(recipe, directory, killAt(60), new CancelToken()))
        .isInstanceOf(Killed.class);
    Files.writeString(file, "red,1,1,n,1\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> run(recipe, directory, TrainingListener.SILENT, new CancelToken()))
        .hasMessageContaining("made with another data");
  }

  @Test
  void fileCutWhileItIsRead_isToldWithItsName() throws Exception {
    Path other = Files.createDirectory(folder.resolve("cut"));
    Path file = Files.copy(data.resolve("d.csv"), other.resolve("d.csv"));
    Recipe recipe = Recipe.parse(csv(1).source(), "r.yaml", other);
    Plan plan = Plan.of(recipe, Preparing.of(recipe));
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    Files.write(file, lines.subList(0, ROWS / 2));
    Path directory = Files.createDirectory(folder.resolve("cutrun"));
    TrainingLoop.Watch watch =
        new TrainingLoop.Watch(TrainingListener.SILENT, new CancelToken(), System::nanoTime);
    try (TrainingLoop loop = new TrainingLoop(plan, new RunFolder(directory), watch)) {
      assertThatThrownBy(loop::run)
          .hasMessageContaining("d.csv: ")
          .hasMessageContaining("as before");
    }
  }

  @Test
  void jsonLines_areTrainedOnFromARecipe() throws Exception {
    Recipe recipe =
        Recipe.parse(
            """
            model: t/lines
            task: classification
            data:
              format: jsonl
              train: d.jsonl
              test: d.jsonl
              label: kind
              window: 1
              normalize: standard
            architecture: { kind: linear }
            optimizer: { kind: adam, learning_rate: 0.05 }
            epochs: 1
            batch: 128
            """,
            "lines.yaml",
            data);
    Path directory = Files.createDirectory(folder.resolve("lines"));
    TrainingResult result = run(recipe, directory, TrainingListener.SILENT, new CancelToken());
    assertThat(result.labels()).containsExactly("k0", "k1", "k2");
    assertThat(result.metrics().get("test_accuracy")).isGreaterThan(0.9);
    assertThat(result.data()).extracting("role").containsExactly("train", "test");
    assertThat(result.data()).allMatch(d -> d.examples() == ROWS);
  }
}
