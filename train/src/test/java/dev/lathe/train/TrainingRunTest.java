package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.DataRecipe.InMemory;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.zoo.Activation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  @TempDir Path folder;

  private TrainingResult run(Recipe recipe, Dataset data, TrainingListener listener) {
    return TrainingRun.start(recipe, data, folder.resolve("run")).run(listener, new CancelToken());
  }

  private static Map<String, Tensor> predict(TrainingResult result, Tensor x) {
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      return session.run(Map.of("x", x));
    }
  }

  /** y = 3·a - 2·b + 5, with features far from the origin. */
  private static Dataset plane(int size) {
    Random random = new Random(1);
    float[] x = new float[size * 2];
    float[] y = new float[size];
    for (int n = 0; n < size; n++) {
      x[2 * n] = (float) (100 + 10 * random.nextGaussian());
      x[2 * n + 1] = (float) (-3 + 0.1 * random.nextGaussian());
      y[n] = 3 * x[2 * n] - 2 * x[2 * n + 1] + 5;
    }
    return Dataset.of(Tensor.ofFloats(x, size, 2), Tensor.ofFloats(y, size));
  }

  @Test
  void regression_findsThePlaneAndPredictsFromRawFeatures() {
    Recipe recipe =
        Recipe.of("t/plane", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withData(new InMemory(new Preparation(List.of(), 0.1, 0.2, Normalization.STANDARD)))
            .withOptimizer(new OptimizerRecipe.Sgd(0.05, 0.9, false, 0))
            .withSchedule(Schedule.COSINE)
            .withEpochs(60, 32);
    TrainingResult result = run(recipe, plane(400), TrainingListener.SILENT);

    assertThat(result.metrics().get("test_r2")).isGreaterThan(0.9999);
    assertThat(result.metrics()).containsKeys("test_mse", "test_mae", "validation_r2", "train_mse");
    Tensor y = predict(result, Tensor.ofFloats(new float[] {90, -3}, 1, 2)).get("y");
    assertThat(y.doubleAt(0)).isCloseTo(3 * 90 + 6 + 5, within(0.5));
    assertThat(result.labels()).isEmpty();
    assertThat(result.data()).hasSize(1);
    assertThat(result.data().getFirst().examples()).isEqualTo(400);
  }

  @Test
  void classification_releasesProbabilitiesAndLabelOfRawFeatures() {
    Dataset data = rings(600);
    Recipe recipe =
        Recipe.of(
                "t/rings",
                Task.CLASSIFICATION,
                new ArchitectureRecipe.Mlp(List.of(32, 16), Activation.RELU))
            .withData(new InMemory(new Preparation(List.of(), 0.1, 0.2, Normalization.STANDARD)))
            .withOptimizer(OptimizerRecipe.adam(0.01))
            .withEpochs(40, 32);
    TrainingResult result = run(recipe, data, TrainingListener.SILENT);
    Map<String, Tensor> answers = predict(result, data.x());

    assertThat(result.metrics().get("test_accuracy")).isGreaterThan(0.95);
    assertThat(result.labels()).containsExactly("0", "1", "2");
    Tensor probabilities = answers.get("probabilities");
    int right = 0;
    for (int n = 0; n < 600; n++) {
      double sum = 0;
      for (int k = 0; k < 3; k++) {
        sum += probabilities.doubleAt(3L * n + k);
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
      right += answers.get("label").longAt(n) == data.y().longAt(n) ? 1 : 0;
    }
    assertThat(right / 600.0).isGreaterThan(0.95);
  }

  /** Three rings around the origin: no line parts them. */
  private static Dataset rings(int size) {
    Random random = new Random(2);
    float[] x = new float[size * 2];
    long[] y = new long[size];
    for (int n = 0; n < size; n++) {
      y[n] = random.nextInt(3);
      double angle = random.nextDouble(2 * Math.PI);
      double radius = 50 + 100 * y[n] + 8 * random.nextGaussian();
      x[2 * n] = (float) (1000 + radius * Math.cos(angle));
      x[2 * n + 1] = (float) (radius * Math.sin(angle));
    }
    return Dataset.of(Tensor.ofFloats(x, size, 2), Tensor.ofLongs(y, size));
  }

  @Test
  void binary_givesOneProbability() {
    Random random = new Random(3);
    float[] x = new float[300];
    long[] y = new long[300];
    for (int n = 0; n < 300; n++) {
      y[n] = random.nextInt(2);
      x[n] = (float) (40 + 10 * y[n] + random.nextGaussian());
    }
    Dataset data = Dataset.of(Tensor.ofFloats(x, 300, 1), Tensor.ofLongs(y, 300));
    Recipe recipe =
        Recipe.of("t/binary", Task.BINARY, new ArchitectureRecipe.Linear())
            .withData(new InMemory(new Preparation(List.of(), 0, 0.2, Normalization.STANDARD)))
            .withOptimizer(OptimizerRecipe.adam(0.1))
            .withEpochs(20, 32);
    TrainingResult result = run(recipe, data, TrainingListener.SILENT);
    Map<String, Tensor> answers = predict(result, Tensor.ofFloats(new float[] {39, 51}, 2, 1));

    assertThat(result.metrics().get("test_accuracy")).isEqualTo(1.0);
    assertThat(answers.get("probabilities").dims()).containsExactly(2, 1);
    assertThat(answers.get("probabilities").doubleAt(1)).isGreaterThan(0.9);
    assertThat(answers.get("label").toLongs()).containsExactly(0, 1);
  }

  @Test
  void progress_countsStepsAndEndsAtTheLastEpoch() {
    List<TrainingProgress> heard = new ArrayList<>();
    Recipe recipe =
        Recipe.of("t/plane", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withOptimizer(OptimizerRecipe.sgd(1e-6))
            .withEpochs(3, 32);
    TrainingResult result = run(recipe, plane(100), heard::add);

    assertThat(result.steps()).isEqualTo(3 * 4);
    assertThat(heard).extracting(TrainingProgress::step).isSorted();
    TrainingProgress last = heard.getLast();
    assertThat(last.epoch()).isEqualTo(3);
    assertThat(last.step()).isEqualTo(12);
    assertThat(last.steps()).isEqualTo(12);
    assertThat(last.fraction()).isEqualTo(1.0);
    assertThat(last.pace().examplesPerSecond()).isPositive();
    assertThat(last.metrics()).containsKey("train_mse");
  }

  @Test
  void earlyStop_endsSoonerWithTheBestWeights() {
    List<Double> seen = new ArrayList<>();
    Recipe recipe =
        Recipe.of(
                "t/rings",
                Task.CLASSIFICATION,
                new ArchitectureRecipe.Mlp(List.of(64), Activation.RELU))
            .withData(new InMemory(new Preparation(List.of(), 0.3, 0, Normalization.STANDARD)))
            .withOptimizer(OptimizerRecipe.adam(0.05))
            .withEpochs(100, 16)
            .withEarlyStop(new EarlyStop("loss", 3));
    TrainingResult result =
        run(recipe, guesses(200), p -> seen.add(p.metrics().getOrDefault("validation_loss", 1e9)));

    assertThat(result.epochs()).isLessThan(100);
    assertThat(seen.getLast()).isGreaterThan(seen.stream().min(Double::compare).orElseThrow());
    double best = seen.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    assertThat(result.metrics().get("validation_loss")).isEqualTo(best);
  }

  /** Labels that nothing explains: what is learned of them is wrong for others. */
  private static Dataset guesses(int size) {
    Random random = new Random(6);
    float[] x = new float[size * 4];
    long[] y = new long[size];
    for (int n = 0; n < size; n++) {
      y[n] = random.nextInt(3);
      for (int i = 0; i < 4; i++) {
        x[4 * n + i] = (float) random.nextGaussian();
      }
    }
    return Dataset.of(Tensor.ofFloats(x, size, 4), Tensor.ofLongs(y, size));
  }

  @Test
  void cancelledRun_saysWhereAndResumesToTheEnd() {
    Recipe recipe =
        Recipe.of("t/plane", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withOptimizer(OptimizerRecipe.sgd(1e-6))
            .withEpochs(3, 32);
    Path directory = folder.resolve("run");
    CancelToken cancel = new CancelToken();
    TrainingRun first = TrainingRun.start(recipe, plane(100), directory);
    assertThatThrownBy(() -> first.run(p -> cancel.cancel(), cancel))
        .hasMessageContaining("training was stopped after step ")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.CANCELLED);
    assertThat(directory.resolve("checkpoints")).isNotEmptyDirectory();

    TrainingResult result =
        TrainingRun.resume(directory, plane(100)).run(TrainingListener.SILENT, new CancelToken());
    assertThat(result.steps()).isEqualTo(12);
    assertThat(result.recipe().source()).isEqualTo(recipe.source());
    assertThatThrownBy(
            () ->
                TrainingRun.resume(directory, plane(50))
                    .run(TrainingListener.SILENT, new CancelToken()))
        .hasMessageContaining("made with another data");
  }

  @Test
  void secondStart_isRefused() {
    Recipe recipe = Recipe.of("t/plane", Task.REGRESSION, new ArchitectureRecipe.Linear());
    Path directory = folder.resolve("run");
    TrainingRun.start(recipe, plane(50), directory);
    assertThatThrownBy(() -> TrainingRun.start(recipe, plane(50), directory))
        .hasMessageContaining("exists already (expected: resume it)");
  }

  @Test
  void resumeOfNothing_isNotFound() {
    assertThatThrownBy(() -> TrainingRun.resume(folder.resolve("none")))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.RUN_NOT_FOUND);
  }

  @Test
  void badDataFile_leavesNoRunBehind() throws Exception {
    Path csv = Files.writeString(folder.resolve("d.csv"), "1,2\n3\n");
    Recipe recipe =
        Recipe.of("t/csv", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withData(
                new DataRecipe.Records(
                    RecordFormat.CSV,
                    csv,
                    Path.of(""),
                    Path.of(""),
                    new DataRecipe.Columns(List.of("last"), List.of()),
                    1,
                    Preparation.NONE));
    Path directory = folder.resolve("run");
    assertThatThrownBy(() -> TrainingRun.start(recipe, directory))
        .hasMessageContaining("d.csv: line 2: column 2: 1 columns (expected: 2)");
    assertThat(directory).doesNotExist();
  }
}
