package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.EarlyStop;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.Normalization;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that a run cannot learn from is refused, saying what, where and what was expected. */
class BadInputTest {
  private static final LossRecipe IGNORING_B =
      new LossRecipe.CrossEntropy(LossRecipe.ClassWeights.EQUAL, 0, 0, "b");

  @TempDir Path folder;

  private static Recipe recipe(Task task, Preparation preparation) {
    return Recipe.of("t/bad", task, new ArchitectureRecipe.Linear())
        .withData(new DataRecipe.InMemory(preparation))
        .withEpochs(2, 4);
  }

  private void run(Recipe recipe, Dataset data) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    TrainingRun.start(recipe, data, directory).run(TrainingListener.SILENT, new CancelToken());
  }

  private static Dataset classes(List<String> labels, long... y) {
    float[] x = new float[2 * y.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 7;
    }
    Tensor features = Tensor.ofFloats(x, y.length, 2);
    return new Dataset(features, Tensor.ofLongs(y, y.length), labels, "memory", "0".repeat(64));
  }

  @Test
  void labelOutOfRange_isRefusedWithRowValueAndClasses() {
    Recipe recipe = recipe(Task.CLASSIFICATION, Preparation.NONE);
    for (long label : new long[] {3, -1, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> run(recipe, classes(List.of("a", "b", "c"), 0, 1, 2, 1, label, 0)))
          .hasMessage(
              "memory: label " + label + " of example 4 (expected: 0 to 2, the classes a, b, c)")
          .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
    }
  }

  @Test
  void epochWhoseTargetsAllAreIgnored_isRefused() {
    Recipe recipe = recipe(Task.CLASSIFICATION, Preparation.NONE).withLoss(IGNORING_B);
    assertThatThrownBy(() -> run(recipe, classes(List.of("a", "b"), 1, 1, 1, 1, 1, 1)))
        .hasMessage("epoch 1: no target counts (expected: one that is not masked or ignored)")
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
  }

  /** As if the seven examples that do not count were not there. */
  @Test
  void stepWhoseTargetsAllAreIgnored_changesNothing() {
    Recipe recipe =
        recipe(Task.CLASSIFICATION, Preparation.NONE)
            .withLoss(IGNORING_B)
            .withOptimizer(new OptimizerRecipe.Sgd(0.1, 0.9, false, 0.1))
            .withEpochs(1, 1);
    List<String> warnings = new ArrayList<>();
    List<String> labels = List.of("a", "b");
    TrainingResult among = told(recipe, classes(labels, 0, 1, 1, 1, 1, 1, 1, 1), warnings);
    assertThat(warnings)
        .containsExactly(
            "epoch 1: 7 steps without a target that counts, which changed nothing (a larger batch"
                + " helps)");
    TrainingResult alone = told(recipe, classes(labels, 0), warnings);
    assertThat(warnings).hasSize(1);
    assertThat(weights(among)).isEqualTo(weights(alone));
    assertThat(among.metrics().get("train_loss")).isEqualTo(alone.metrics().get("train_loss"));
  }

  private TrainingResult told(Recipe recipe, Dataset data, List<String> warnings) {
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress progress) {
            assertThat(progress.step()).isPositive();
          }

          @Override
          public void warning(String message) {
            warnings.add(message);
          }
        };
    Path directory = folder.resolve("told" + new Random().nextLong());
    return TrainingRun.start(recipe, data, directory).run(listener, new CancelToken());
  }

  private static Map<String, List<Double>> weights(TrainingResult result) {
    Map<String, List<Double>> weights = new TreeMap<>();
    result
        .model()
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (tensor.type() == ElementType.FLOAT) {
                weights.put(name, Arrays.stream(tensor.toDoubles()).boxed().toList());
              }
            });
    return weights;
  }

  @Test
  void validationWhoseTargetsAllAreIgnored_hasNoLossToSteerBy() {
    Preparation held = new Preparation(List.of(), 0.2, 0, Normalization.NONE);
    Recipe recipe = recipe(Task.CLASSIFICATION, held).withLoss(IGNORING_B).withEpochs(1, 20);
    long[] y = new long[20];
    Arrays.fill(y, 1);
    boolean learned = false;
    for (int i = 0; i < y.length && !learned; i++) {
      y[i] = 0;
      Dataset data = classes(List.of("a", "b"), y);
      try {
        TrainingResult result = told(recipe, data, new ArrayList<>());
        assertThat(result.metrics()).containsKey("train_loss").doesNotContainKey("validation_loss");
        learned = true;
      } catch (LatheException e) {
        assertThat(e).hasMessageStartingWith("epoch 1: no target counts");
      }
      if (learned) {
        assertThatThrownBy(() -> run(recipe.withEarlyStop(new EarlyStop("loss", 3)), data))
            .hasMessage(
                "metric loss has no value on the validation part of 4 examples (expected: a target"
                    + " that is not masked or ignored)");
      }
      y[i] = 1;
    }
    assertThat(learned).isTrue();
  }

  @Test
  void classThatOnlyTheTestHas_isRefusedWithLineAndLabel() throws Exception {
    Files.writeString(folder.resolve("train.csv"), "1,a\n2,b\n3,a\n4,b\n");
    Files.writeString(folder.resolve("test.csv"), "1,a\n2,c\n");
    Recipe recipe =
        Recipe.parse(
            """
            model: t/bad
            task: classification
            data: { format: csv, train: train.csv, test: test.csv }
            architecture: { kind: linear }
            optimizer: { kind: sgd }
            epochs: 1
            """,
            "bad.yaml",
            folder);
    assertThatThrownBy(() -> TrainingRun.start(recipe, folder.resolve("run")))
        .hasMessageContaining("test.csv: line 2: column 2: ")
        .hasMessageContaining("label \"c\" is not among the training labels")
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
  }

  @Test
  void jsonFieldsThatNobodyAskedFor_arePassedOver() throws Exception {
    Files.writeString(
        folder.resolve("train.jsonl"),
        "{\"id\": {\"n\": 1}, \"x\": 1, \"y\": \"a\"}\n{\"x\": 2, \"y\": \"b\", \"z\": []}\n");
    String recipe =
        """
        model: t/bad
        task: classification
        data: { format: jsonl, train: train.jsonl, features: [x], label: y }
        architecture: { kind: linear }
        optimizer: { kind: sgd }
        epochs: 1
        """;
    TrainingResult result =
        TrainingRun.start(Recipe.parse(recipe, "bad.yaml", folder), folder.resolve("run"))
            .run(TrainingListener.SILENT, new CancelToken());
    assertThat(result.labels()).containsExactly("a", "b");
    Recipe all = Recipe.parse(recipe.replace("features: [x], ", ""), "bad.yaml", folder);
    assertThatThrownBy(() -> TrainingRun.start(all, folder.resolve("all")))
        .hasMessageContaining("train.jsonl: line 1: id: an object")
        .hasMessageContaining("data.features");
  }

  @Test
  void metricThatThePartLeavesUndefined_endsTheRunThatItSteers() {
    Preparation held = new Preparation(List.of(), 0.2, 0, Normalization.NONE);
    Recipe recipe = recipe(Task.BINARY, held).withEarlyStop(new EarlyStop("auc", 3));
    long[] y = new long[20];
    y[7] = 1;
    assertThatThrownBy(() -> run(recipe, classes(List.of("no", "yes"), y)))
        .hasMessage(
            "metric auc has no value on the validation part of 4 examples (expected: examples of"
                + " two classes)")
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
  }

  /** The square of such a target is beyond FLOAT, in whatever part it is. */
  @Test
  void lossThatIsNoNumber_endsTheRun_onTheValidationPartToo() {
    Preparation held = new Preparation(List.of(), 0.5, 0, Normalization.NONE);
    Recipe recipe = recipe(Task.REGRESSION, held).withEpochs(1, 4);
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      float[] y = {1, 2, 3, 4};
      y[i] = 1e30f;
      Tensor x = Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4, 1);
      assertThatThrownBy(() -> run(recipe, Dataset.of(x, Tensor.ofFloats(y, 4))))
          .hasFieldOrPropertyWithValue("code", TrainError.DIVERGED)
          .satisfies(e -> messages.add(e.getMessage().replaceFirst(" \\(.*", "")));
    }
    assertThat(messages)
        .containsOnly("step 1: loss is Infinity", "step 1: validation loss is Infinity");
  }

  @Test
  void targetsThatAreNotNumbers_areRefusedWithTheirPlace() {
    Tensor x = Tensor.ofFloats(new float[] {1, 2, 3}, 3, 1);
    assertThatThrownBy(() -> Dataset.of(x, Tensor.ofFloats(new float[] {1, Float.NaN, 2}, 3)))
        .hasMessage("y[1]: NaN (expected: a finite number)");
    assertThat(Dataset.of(x, Tensor.ofFloats(new float[] {1, 0, 2}, 3)).size()).isEqualTo(3);
  }
}
