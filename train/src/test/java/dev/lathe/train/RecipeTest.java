package dev.lathe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Cnn.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
  static final String FULL =
      """
      model: demo/digits
      task: classification
      seed: 42
      data:
        format: csv
        train: a.csv
        test: b.csv
        label: first
        header: true
        shape: [1, 8, 8]
        validation: 0.1
        normalize: standard
      architecture:
        kind: cnn
        stages:
          - { channels: 8, pool: 2 }
          - { channels: 16, kernel: 5, stride: 2, padding: 1 }
        hidden: [32]
        activation: tanh
      loss: cross_entropy
      optimizer: { kind: adam, learning_rate: 1e-3 }
      schedule: cosine
      epochs: 12
      batch: 64
      early_stop: { metric: accuracy, patience: 4 }
      checkpoint: { every: 50 }
      release: { message: "first: try" }
      deploy: prod
      """;

  @Test
  void everyKey_isRead() {
    Recipe recipe = Recipe.parse(FULL, "full.yaml", Path.of("somewhere"));

    assertThat(recipe.model()).isEqualTo("demo/digits");
    assertThat(recipe.task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(recipe.seed()).isEqualTo(42);
    assertThat(recipe.data())
        .isEqualTo(
            new DataRecipe.Records(
                RecordFormat.CSV_WITH_HEADER,
                Path.of("somewhere/a.csv"),
                Path.of(""),
                Path.of("somewhere/b.csv"),
                new DataRecipe.Columns(List.of("first"), List.of()),
                128,
                new DataRecipe.Preparation(List.of(1, 8, 8), 0.1, 0, Normalization.STANDARD)));
    assertThat(recipe.architecture())
        .isEqualTo(
            new ArchitectureRecipe.Cnn(
                List.of(new Stage(8, 3, 1, 1, 2), new Stage(16, 5, 2, 1, 1)),
                List.of(32),
                Activation.TANH));
    assertThat(recipe.optimizer()).isEqualTo(OptimizerRecipe.adam(0.001));
    assertThat(recipe.schedule()).isEqualTo(Schedule.COSINE);
    assertThat(recipe.epochs()).isEqualTo(12);
    assertThat(recipe.batch()).isEqualTo(64);
    assertThat(recipe.earlyStop()).isEqualTo(new EarlyStop("accuracy", 4));
    assertThat(recipe.checkpointEvery()).isEqualTo(50);
    assertThat(recipe.release().message()).isEqualTo("first: try");
    assertThat(recipe.deploy()).isEqualTo("prod");
    assertThat(recipe.source()).isEqualTo(FULL);
  }

  @Test
  void shortRecipe_hasUsualSettings() {
    Recipe recipe =
        Recipe.parse(
            """
            model: a/b
            task: regression
            data: { format: csv, train: t.csv }
            architecture: { kind: linear }
            optimizer: { kind: sgd }
            epochs: 3
            """,
            "short");

    assertThat(recipe.loss()).isEqualTo(new LossRecipe.MeanSquaredError());
    assertThat(recipe.optimizer()).isEqualTo(OptimizerRecipe.sgd(0.01));
    assertThat(recipe.batch()).isEqualTo(32);
    assertThat(recipe.earlyStop()).isEqualTo(EarlyStop.NEVER);
    assertThat(recipe.deploy()).isEmpty();
  }

  /** Each row replaces a line of the full recipe and expects a message. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "schedule: cosine | schedule: cosin | full.yaml:22:11: schedule: \"cosin\" (expected: did"
            + " you mean \"cosine\"?",
        "schedule: cosine | schedule: step | full.yaml:22:11: missing key \"schedule.every\"",
        "schedule: cosine | schedule: { kind: cosine, floor: 2 } | full.yaml:22:34:"
            + " schedule.floor:",
        "epochs: 12 | epoch: 12 | full.yaml:23:1: unknown key \"epoch\" (did you mean \"epochs\"?",
        "learning_rate: 1e-3 | lerning_rate: 1 |"
            + " full.yaml:21:26: unknown key \"optimizer.lerning_rate\" (did you mean"
            + " \"learning_rate\"?",
        "epochs: 12 | epochs: twelve | full.yaml:23:9: epochs: \"twelve\" (expected: a whole"
            + " number from 1 to 1000000)",
        "epochs: 12 | epochs: 0 | full.yaml:23:9: epochs: 0 (expected: a whole number from 1",
        "epochs: 12 | epochs: 99999999999999999999 | full.yaml:23:9: epochs:",
        "batch: 64 | batch: 6.5 | full.yaml:24:8: batch: 6.5 (expected: a whole number",
        "learning_rate: 1e-3 | learning_rate: .nan | learning_rate: .nan (expected: a number above"
            + " 0",
        "learning_rate: 1e-3 | learning_rate: -1 | learning_rate: -1 (expected: a number above 0",
        "normalize: standard | normalize: standart | data.normalize: \"standart\" (expected: did"
            + " you mean \"standard\"?",
        "kind: cnn | kind: cnm | full.yaml:14:9: architecture.kind: \"cnm\"",
        "header: true | header: perhaps | data.header: \"perhaps\" (expected: true or false)",
        "epochs: 12 | '' | missing key \"epochs\"",
        "model: demo/digits | '' | missing key \"model\" (expected: name of the model to release)",
        "'optimizer:' | '# optimizer:' | missing key \"optimizer\" (expected: how a gradient"
            + " becomes a new weight; kind: sgd, adam",
        "format: csv | '' | missing key \"data.format\" (expected: format: csv, jsonl, parquet,"
            + " images, idx",
        "model: demo/digits | model: ../digits | model: \"../digits\" (expected: namespace/name)",
        "model: demo/digits | model: 7 | model: 7 (expected: namespace/name)",
        "deploy: prod | deploy: &a [prod] | an anchor or alias",
        "deploy: prod | deploy: [prod] | deploy: a list",
        "channels: 8 | channels: [8] | architecture.stages[0].channels: a list",
        "seed: 42 | seed: *a | an anchor or alias",
        "seed: 42 | seed: !!int 42 | a tag",
        "seed: 42 | task: binary | key \"task\" is given twice",
        "deploy: prod | --- | a second document",
        "seed: 42 | 'seed: [42' | not valid YAML",
        "loss: cross_entropy | loss: mean_squared_error | loss: mean_squared_error (expected:"
            + " cross_entropy for task classification)",
        "metric: accuracy | metric: r2 | early_stop.metric: r2 (expected: loss, accuracy,"
            + " top_5_accuracy, precision",
        "loss: cross_entropy | loss: cross_entropi | did you mean \"cross_entropy\"",
        "loss: cross_entropy | loss: ctc | loss: ctc (expected: cross_entropy for task",
        "loss: cross_entropy | 'loss: { kind: cross_entropy, focus: 0.5 }' | loss.focus: 0.5"
            + " (expected: 0, or a number from 1)",
        "loss: cross_entropy | 'loss: { kind: cross_entropy, focus: 2, label_smoothing: 0.1 }' |"
            + " loss.focus: 2.0 with label_smoothing",
        "loss: cross_entropy | 'loss: { kind: cross_entropy, class_weights: even }' |"
            + " loss.class_weights: \"even\" (expected: balanced)",
        "loss: cross_entropy | 'loss: { kind: cross_entropy, class_weights: 3 }' |"
            + " loss.class_weights: 3 (expected: balanced, or a list of numbers)",
        "loss: cross_entropy | 'loss: { kind: cross_entropy, class_weights: [1, -1] }' |"
            + " loss.class_weights[1]: -1 (expected: a number from 0",
        "loss: cross_entropy | 'loss: { kind: cross_entropy, delta: 1 }' | unknown key"
            + " \"loss.delta\"",
        "batch: 64 | 'metrics: [acuracy]' | full.yaml:24:11: metrics[0]:"
            + " \"acuracy\" (expected: did you mean \"accuracy\"?",
        "metric: accuracy | metric: confusion | early_stop.metric: confusion (expected: a single",
        "validation: 0.1 | validation: 0 | early_stop: no validation part to watch",
        "validation: 0.1 | test_fraction: 0.1 | data.test_fraction: test data is named already",
        "'shape: [1, 8, 8]' | 'shape: [64]' | data.shape: [64] (expected: [channels, height,"
            + " width], since architecture.kind is cnn)",
        "header: true | header: false | ''",
        "label: first | label: species | ''",
        "label: first | 'label: [a, b]' | data.label: 2 columns (expected: 1 for task"
            + " classification)",
        "'{ kind: adam,' | '{ kind: sgd, nesterov: true,' | optimizer.nesterov: true without"
            + " momentum",
      })
  void badRecipe_isRefusedWithKeyLineAndColumn(String line, String replaced, String message) {
    String text = FULL.replace(line, replaced);
    assertThat(text).isNotEqualTo(FULL);
    if (message.isEmpty()) {
      assertThat(Recipe.parse(text, "full.yaml")).isNotNull();
      return;
    }
    assertThatThrownBy(() -> Recipe.parse(text, "full.yaml"))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("full.yaml:")
        .hasMessageContaining(message)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.BAD_RECIPE);
  }

  @Test
  void labelByName_needsAHeader() {
    String text = FULL.replace("label: first", "label: species").replace("header: true", "");
    assertThatThrownBy(() -> Recipe.parse(text, "r"))
        .hasMessageContaining("name \"species\" without a header");
  }

  @Test
  void deepOrLongText_isRefused() {
    String deep = "model: " + "[".repeat(100) + "]".repeat(100);
    assertThatThrownBy(() -> Recipe.parse(deep, "deep")).hasMessageContaining("nested deeper");
    LatheException e =
        catchThrowableOfType(LatheException.class, () -> Recipe.parse("#".repeat(300_000), "long"));
    assertThat(e.kind()).isEqualTo(ErrorKind.EXHAUSTED);
  }

  @Test
  void missingFile_isNotFound(@TempDir Path folder) {
    LatheException e =
        catchThrowableOfType(LatheException.class, () -> Recipe.read(folder.resolve("none.yaml")));
    assertThat(e.code()).isEqualTo(TrainError.FILE_NOT_FOUND);
  }

  @Test
  void binaryFile_isRefused(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("r.yaml");
    Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
    assertThatThrownBy(() -> Recipe.read(file)).hasMessageContaining("not UTF-8");
  }

  @Test
  void relativePaths_startAtTheRecipesFolder(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("r.yaml");
    Files.writeString(file, FULL);
    DataRecipe.Records data = (DataRecipe.Records) Recipe.read(file).data();
    assertThat(data.train()).isEqualTo(folder.toAbsolutePath().normalize().resolve("a.csv"));
  }

  @Test
  void recipeMadeInJava_readsAsItsText() {
    Recipe made =
        Recipe.of(
                "a/b",
                Task.CLASSIFICATION,
                new ArchitectureRecipe.Cnn(
                    List.of(new Stage(4, 3, 1, 0, 2)), List.of(), Activation.RELU))
            .withOptimizer(new OptimizerRecipe.Sgd(0.1, 0.9, true, 1e-7))
            .withSchedule(Schedule.COSINE)
            .withData(
                new DataRecipe.DrawnDigits(
                    100,
                    20,
                    -5,
                    new DataRecipe.Preparation(List.of(), 0.25, 0, Normalization.SCALE)))
            .withEarlyStop(new EarlyStop("accuracy", 2))
            .withCheckpointEvery(9)
            .withSeed(-3)
            .withEpochs(4, 16);

    Recipe read = Recipe.parse(made.source(), "again");

    assertThat(read).isEqualTo(made);
    assertThat(read.optimizer()).isEqualTo(new OptimizerRecipe.Sgd(0.1, 0.9, true, 1e-7));
  }

  @Test
  void everyOptimizerAndSchedule_readsAsItsText() {
    Recipe recipe =
        Recipe.of("a/b", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withData(
                new DataRecipe.InMemory(
                    new DataRecipe.Preparation(List.of(), 0.2, 0, Normalization.NONE)));
    for (OptimizerRecipe optimizer :
        List.of(
            new OptimizerRecipe.Sgd(0.1, 0.9, true, 1e-7),
            new OptimizerRecipe.Adam(0.1, 0.8, 0.9, 1e-6, 1e-4),
            new OptimizerRecipe.AdamW(0.1, 0.8, 0.9, 1e-6, 1e-4),
            new OptimizerRecipe.Adagrad(0.1, 0.01, 0.5, 1e-9, 1e-4),
            new OptimizerRecipe.RmsProp(0.1, 0.9, 0.5, true, 1e-6, 1e-4),
            new OptimizerRecipe.Lamb(0.1, 0.8, 0.9, 1e-6, 1e-4),
            new OptimizerRecipe.Adafactor(0.1, 0.7, 1e-2, 2, 1e-4),
            new OptimizerRecipe.Lion(0.1, 0.8, 0.9, 1e-4))) {
      Recipe made = recipe.withOptimizer(optimizer);
      assertThat(made.optimizer()).isEqualTo(optimizer);
      assertThat(Recipe.parse(made.source(), "again")).isEqualTo(made);
    }
    for (Schedule schedule :
        List.of(
            Schedule.CONSTANT,
            new Schedule.Step(30, 0.5),
            new Schedule.Linear(0.1),
            new Schedule.Cosine(0.1),
            new Schedule.OneCycle(0.2, 10, 100),
            new Schedule.Plateau("mae", 0.5, 3, 0.01, 0.001),
            new Schedule.Warmup(5, 0.2, new Schedule.Cosine(0.1)),
            new Schedule.Warmup(5, 0, new Schedule.Plateau("loss", 0.5, 3, 0.01, 0.001)))) {
      Recipe made = recipe.withSchedule(schedule);
      assertThat(made.schedule()).isEqualTo(schedule);
      assertThat(Recipe.parse(made.source(), "again")).isEqualTo(made);
    }
  }

  @Test
  void everyLoss_readsAsItsText() {
    LossRecipe.ClassWeights given = LossRecipe.ClassWeights.of(List.of(1.0, 0.25));
    Map<Task, List<LossRecipe>> losses =
        Map.of(
            Task.REGRESSION,
            List.of(
                new LossRecipe.MeanSquaredError(),
                new LossRecipe.AbsoluteError(),
                new LossRecipe.Huber(0.5),
                new LossRecipe.SmoothL1(2)),
            Task.CLASSIFICATION,
            List.of(
                new LossRecipe.CrossEntropy(),
                new LossRecipe.CrossEntropy(given, 0.1, 0, "7"),
                new LossRecipe.CrossEntropy(
                    LossRecipe.ClassWeights.BALANCED, 0, 2, "not \"known\"")),
            Task.MULTI_LABEL,
            List.of(new LossRecipe.BinaryCrossEntropy(LossRecipe.ClassWeights.BALANCED)),
            Task.BINARY,
            List.of(
                new LossRecipe.BinaryCrossEntropy(),
                new LossRecipe.BinaryCrossEntropy(LossRecipe.ClassWeights.BALANCED),
                new LossRecipe.BinaryCrossEntropy(given)));
    losses.forEach(
        (task, all) ->
            all.forEach(
                loss -> {
                  Recipe made =
                      Recipe.of("a/b", task, new ArchitectureRecipe.Linear()).withLoss(loss);
                  assertThat(made.loss()).isEqualTo(loss);
                  assertThat(Recipe.parse(made.source(), "again")).isEqualTo(made);
                }));
  }

  @Test
  void adapters_readAsTheirText() {
    Recipe recipe = Recipe.of("a/b", Task.REGRESSION, new ArchitectureRecipe.Linear());
    LoraRecipe all = LoraRecipe.of(4);
    LoraRecipe some =
        new LoraRecipe(3, 0.5, 0.1, List.of("head.*", "q?"), LoraRecipe.Release.APART);
    for (LoraRecipe lora : List.of(LoraRecipe.NONE, all, some)) {
      Recipe made = recipe.withLora(lora);
      assertThat(made.lora()).isEqualTo(lora);
      assertThat(Recipe.parse(made.source(), "again")).isEqualTo(made);
    }
    String text = recipe.source() + "lora: { rank: 4 }\n";
    assertThat(Recipe.parse(text, "short").lora()).isEqualTo(all);
    assertThatThrownBy(() -> Recipe.parse(recipe.source() + "lora: { rank: 0 }\n", "none"))
        .hasMessageContaining("lora.rank: 0 (expected: a whole number from 1 to 4096)");
  }

  @Test
  void everyWayToUseGradients_readsAsItsText() {
    Recipe recipe = Recipe.of("a/b", Task.REGRESSION, new ArchitectureRecipe.Linear());
    double none = Double.POSITIVE_INFINITY;
    UpdateRecipe.Group biases = new UpdateRecipe.Group(List.of("*.bias", "norm?.*"), 0.5, 0);
    UpdateRecipe.Group rest = new UpdateRecipe.Group(List.of("a \"b\""), 1, 2);
    for (UpdateRecipe update :
        List.of(
            UpdateRecipe.PLAIN,
            new UpdateRecipe(
                1,
                none,
                UpdateRecipe.Decay.ALL,
                List.of(),
                List.of(),
                4,
                0.99,
                UpdateRecipe.Recompute.SEGMENTS),
            new UpdateRecipe(
                none,
                0.1,
                UpdateRecipe.Decay.MATRICES,
                List.of(biases, rest),
                List.of("enc.*"),
                1,
                0,
                UpdateRecipe.Recompute.NOTHING))) {
      Recipe made = recipe.withUpdate(update);
      assertThat(made.update()).isEqualTo(update);
      assertThat(Recipe.parse(made.source(), "again")).isEqualTo(made);
    }
    assertThatThrownBy(
            () ->
                recipe.withUpdate(
                    new UpdateRecipe(
                        0,
                        none,
                        UpdateRecipe.Decay.ALL,
                        List.of(),
                        List.of(),
                        1,
                        0,
                        UpdateRecipe.Recompute.NOTHING)))
        .hasMessageContaining("update.clip_norm: 0.0 (expected: a number above 0");
  }

  @Test
  void plateau_needsAMetricOfTheTaskAndAValidationPart() {
    Recipe recipe = Recipe.of("a/b", Task.REGRESSION, new ArchitectureRecipe.Linear());
    assertThatThrownBy(
            () -> recipe.withSchedule(new Schedule.Plateau("accuracy", 0.5, 3, 0.01, 0.001)))
        .hasMessageContaining(
            "schedule.metric: accuracy (expected: loss, mse, rmse, mae, r2 for task");
    assertThatThrownBy(() -> recipe.withSchedule(new Schedule.Plateau("mae", 0.5, 3, 0.01, 0.001)))
        .hasMessageContaining("schedule: no validation part to watch");
  }

  @Test
  void recipeMadeInJava_isCheckedAsTextIs() {
    Recipe recipe = Recipe.of("a/b", Task.REGRESSION, new ArchitectureRecipe.Linear());
    assertThatThrownBy(() -> recipe.withEpochs(0, 1)).hasMessageContaining("epochs: 0 (expected:");
    assertThatThrownBy(() -> recipe.withEarlyStop(new EarlyStop("accuracy", 1)))
        .hasMessageContaining("early_stop.metric: accuracy");
  }
}
