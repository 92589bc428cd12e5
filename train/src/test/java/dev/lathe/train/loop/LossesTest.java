package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Dataset;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.LossRecipe.ClassWeights;
import dev.lathe.train.Normalization;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.train.data.Preparing;
import dev.lathe.transform.BinaryCrossEntropy;
import dev.lathe.transform.CrossEntropy;
import dev.lathe.transform.Loss;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossesTest {
  @TempDir Path folder;

  private static final DataRecipe.Preparation PLAIN =
      new DataRecipe.Preparation(List.of(), 0, 0, Normalization.NONE);

  private static Recipe recipe(Task task) {
    return Recipe.of("t/loss", task, new ArchitectureRecipe.Linear())
        .withData(new DataRecipe.InMemory(PLAIN))
        .withOptimizer(OptimizerRecipe.sgd(0.1));
  }

  /** One feature; classes 0, 0, 0, 1, 1, 2 over and over. */
  private static Dataset uneven(int classes) {
    long[] y = new long[60];
    float[] x = new float[60];
    Random random = new Random(4);
    for (int n = 0; n < 60; n++) {
      y[n] = Math.min(new long[] {0, 0, 0, 1, 1, 2}[n % 6], classes - 1);
      x[n] = (float) (y[n] + 0.3 * random.nextGaussian());
    }
    return Dataset.of(Tensor.ofFloats(x, 60, 1), Tensor.ofLongs(y, 60));
  }

  private static Loss loss(Task task, LossRecipe loss, Dataset data) {
    Recipe recipe = recipe(task).withLoss(loss);
    return Losses.of(recipe.loss(), Preparing.of(recipe, data));
  }

  @Test
  void balancedWeights_areTheExamplesPerClassTurnedOver() {
    LossRecipe balanced = new LossRecipe.CrossEntropy(ClassWeights.BALANCED, 0, 0, "");
    CrossEntropy three = (CrossEntropy) loss(Task.CLASSIFICATION, balanced, uneven(3));
    assertThat(three.classWeights()).containsExactly(60 / (3 * 30.0), 60 / (3 * 20.0), 60 / 30.0);

    LossRecipe positives = new LossRecipe.BinaryCrossEntropy(ClassWeights.BALANCED);
    BinaryCrossEntropy two = (BinaryCrossEntropy) loss(Task.BINARY, positives, uneven(2));
    assertThat(two.positiveWeights()).containsExactly(1.0);
  }

  @Test
  void weightsAndLabelsThatThereAreNot_areRefusedWithWhatThereIs() {
    LossRecipe two = new LossRecipe.CrossEntropy(ClassWeights.of(List.of(1.0, 2.0)), 0, 0, "");
    assertThatThrownBy(() -> loss(Task.CLASSIFICATION, two, uneven(3)))
        .hasMessage("loss.class_weights: 2 numbers (expected: 3, one for each of 0, 1, 2)")
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_RECIPE);
    LossRecipe none = new LossRecipe.CrossEntropy(ClassWeights.EQUAL, 0, 0, "3");
    assertThatThrownBy(() -> loss(Task.CLASSIFICATION, none, uneven(3)))
        .hasMessageStartingWith("loss.ignore: \"3\" (expected: ")
        .hasMessageEndingWith("0, 1, 2)");
  }

  private TrainingResult run(Recipe recipe, Dataset data) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(recipe, data, directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void weightedLoss_isTheWeightedMeanOverAllExamplesNotOverBatches() {
    ClassWeights weights = ClassWeights.of(List.of(1.0, 3.0, 10.0));
    Recipe recipe =
        recipe(Task.CLASSIFICATION)
            .withLoss(new LossRecipe.CrossEntropy(weights, 0, 0, ""))
            .withOptimizer(OptimizerRecipe.sgd(1e-30));
    double whole = run(recipe.withEpochs(1, 60), uneven(3)).metrics().get("train_loss");
    double parts = run(recipe.withEpochs(1, 7), uneven(3)).metrics().get("train_loss");
    assertThat(parts).isCloseTo(whole, within(1e-6));
  }

  @Test
  void ignoredLabel_neitherTeachesNorCounts() {
    Dataset all = uneven(3);
    float[] other = all.x().toFloats();
    for (int n = 5; n < 60; n += 6) {
      other[n] = 100 * n;
    }
    Dataset changed = Dataset.of(Tensor.ofFloats(other, 60, 1), all.y());
    Recipe recipe =
        recipe(Task.CLASSIFICATION)
            .withLoss(new LossRecipe.CrossEntropy(ClassWeights.EQUAL, 0, 0, "2"))
            .withEpochs(40, 7);
    TrainingResult first = run(recipe, all);
    TrainingResult second = run(recipe, changed);
    assertThat(second.metrics()).isEqualTo(first.metrics());
    assertThat(first.metrics().get("train_accuracy")).isGreaterThan(0.9);
    assertThat(run(recipe.withLoss(new LossRecipe.CrossEntropy()), changed).metrics())
        .isNotEqualTo(first.metrics());
  }

  @Test
  void everyLossOfRegression_comesNearTheLine() {
    float[] x = new float[50];
    float[] y = new float[50];
    for (int n = 0; n < 50; n++) {
      x[n] = n / 25f - 1;
      y[n] = 2 * x[n] + 0.5f;
    }
    Dataset line = Dataset.of(Tensor.ofFloats(x, 50, 1), Tensor.ofFloats(y, 50));
    for (LossRecipe loss :
        List.of(
            new LossRecipe.MeanSquaredError(),
            new LossRecipe.AbsoluteError(),
            new LossRecipe.Huber(0.3),
            new LossRecipe.SmoothL1(0.3))) {
      Recipe recipe =
          recipe(Task.REGRESSION)
              .withLoss(loss)
              .withOptimizer(OptimizerRecipe.adam(0.05))
              .withEpochs(60, 10);
      assertThat(run(recipe, line).metrics().get("train_r2")).as("%s", loss).isGreaterThan(0.98);
    }
  }
}
