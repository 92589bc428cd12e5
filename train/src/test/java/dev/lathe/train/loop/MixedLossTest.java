package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several losses that are added: of one output or several, by the same targets or others. */
class MixedLossTest {
  private static final int ROWS = 90;

  /** Nothing moves, so that all that is measured is of the first weights. */
  private static final String STILL = "optimizer: { kind: sgd, learning_rate: 1e-30 }\n";

  private static final String NUMBERS =
      """
      model: t/mixed
      task: regression
      data:
        { format: csv, header: true, train: d.csv, label: y, features: [a, b], normalize: none }
      architecture: { kind: linear }
      epochs: 1
      batch: 7
      """;

  private static final String CLASSES =
      """
      model: t/mixed
      task: classification
      data:
        { format: csv, header: true, train: d.csv, label: k, features: [a, b], normalize: none }
      architecture: { kind: linear }
      loss: { kind: cross_entropy, label_smoothing: 0.1 }
      objectives:
        - { task: regression, label: [p, q, r], loss: kullback_leibler, weight: 0.5 }
      epochs: 1
      batch: 7
      """;

  @TempDir Path folder;
  private final double[][] rows = new double[ROWS][];

  @BeforeEach
  void write() throws Exception {
    Random random = new Random(4);
    StringBuilder lines = new StringBuilder("a,b,y,k,p,q,r\n");
    for (int n = 0; n < ROWS; n++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double p = 0.1 + 0.3 * random.nextDouble();
      double q = 0.1 + 0.3 * random.nextDouble();
      int k = a > b ? 0 : a > -b ? 1 : 2;
      rows[n] = new double[] {a, b, 3 * a - b, k, p, q, 1 - p - q};
      for (int i = 0; i < 7; i++) {
        lines.append(i == 3 ? Integer.toString(k) : Double.toString(rows[n][i]));
        lines.append(i < 6 ? ',' : '\n');
      }
    }
    Files.writeString(folder.resolve("d.csv"), lines);
  }

  private TrainingResult run(String text) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(Recipe.parse(text, "mixed.yaml", folder), directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void lossesOfOneOutput_areToldByThemselvesAndAdded() {
    String huber = NUMBERS + STILL + "loss: { kind: huber, delta: 0.7 }\n";
    Map<String, Double> both =
        run(huber + "objectives: [{ loss: absolute_error, weight: 0.25 }]\n").metrics();
    double first = run(huber).metrics().get("train_loss");
    double second = run(NUMBERS + STILL + "loss: absolute_error\n").metrics().get("train_loss");
    assertThat(both.get("train_huber_loss")).isCloseTo(first, within(1e-6));
    assertThat(both.get("train_absolute_error_loss")).isCloseTo(second, within(1e-6));
    assertThat(both.get("train_loss")).isCloseTo(first + 0.25 * second, within(1e-6));
    assertThat(run(huber).metrics()).doesNotContainKey("train_huber_loss");
  }

  /** The formulas, by the scores that the released model's probabilities come from. */
  @Test
  void smoothedClassesAndSecondTargets_areWhatTheFormulasSay() {
    TrainingResult result = run(CLASSES + STILL);
    float[] x = new float[2 * ROWS];
    for (int n = 0; n < ROWS; n++) {
      x[2 * n] = (float) rows[n][0];
      x[2 * n + 1] = (float) rows[n][1];
    }
    double entropy = 0;
    double divergence = 0;
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      String input = result.model().graph().requiredInputs().getFirst().name();
      Tensor found = session.run(Map.of(input, Tensor.ofFloats(x, ROWS, 2))).get("probabilities");
      for (int n = 0; n < ROWS; n++) {
        for (int k = 0; k < 3; k++) {
          double log = Math.log(found.doubleAt(3L * n + k));
          double smoothed = (k == rows[n][3] ? 0.9 : 0) + 0.1 / 3;
          entropy -= smoothed * log / ROWS;
          divergence += rows[n][4 + k] * (Math.log(rows[n][4 + k]) - log) / ROWS;
        }
      }
    }
    Map<String, Double> metrics = result.metrics();
    assertThat(metrics.get("train_cross_entropy_loss")).isCloseTo(entropy, within(1e-5));
    assertThat(metrics.get("train_kullback_leibler_loss")).isCloseTo(divergence, within(1e-5));
    assertThat(metrics.get("train_loss")).isCloseTo(entropy + 0.5 * divergence, within(1e-5));
  }

  @Test
  void secondTarget_isLearnedBesideTheFirst() {
    String text =
        CLASSES
            .replace("epochs: 1", "epochs: 30")
            .replace("normalize", "validation: 0.2, normalize");
    Map<String, Double> metrics =
        run(text.replace("weight: 0.5", "weight: 100")
                + "optimizer: { kind: adam, learning_rate: 0.05 }\n")
            .metrics();
    Map<String, Double> light =
        run(text.replace("weight: 0.5", "weight: 1e-6")
                + "optimizer: { kind: adam, learning_rate: 0.05 }\n")
            .metrics();
    assertThat(metrics.get("validation_kullback_leibler_loss"))
        .isLessThan(0.5 * light.get("validation_kullback_leibler_loss"));
    assertThat(light.get("validation_cross_entropy_loss"))
        .isLessThan(0.5 * metrics.get("validation_cross_entropy_loss"));
    assertThat(metrics.keySet().stream().filter(name -> name.contains("kullback")))
        .containsExactlyInAnyOrder(
            "train_kullback_leibler_loss", "validation_kullback_leibler_loss");
  }

  /** A base whose side output is to answer the same as the main one. */
  @Test
  void sideOutput_learnsTheSameTargets() {
    GraphBuilder builder = new GraphBuilder("deep");
    builder.input("x", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(2))));
    for (String output : List.of("y", "side")) {
      builder.initializer(output + ".w", Tensor.ofFloats(new float[] {0.1f, 0.1f}, 2, 1));
      builder.append(Node.of("MatMul", List.of("x", output + ".w"), List.of(output)));
      builder.output(output, ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(1))));
    }
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    String text =
        NUMBERS
                .replace("architecture: { kind: linear }", "base: base.onnx")
                .replace("epochs: 1", "epochs: 60")
            + "optimizer: { kind: adam, learning_rate: 0.1 }\n"
            + "objectives: [{ output: side, weight: 0.3 }]\n";
    TrainingResult result = run(text);
    assertThat(result.metrics().get("train_side_loss")).isLessThan(0.01);
    assertThat(result.metrics().get("train_mean_squared_error_loss")).isLessThan(0.01);
    for (String output : List.of("y", "side")) {
      Tensor w = result.model().graph().initializers().get(output + ".w");
      assertThat(w.doubleAt(0)).isCloseTo(3, within(0.1));
    }
  }

  @Test
  void explodingTerm_endsTheRun() {
    String text =
        NUMBERS.replace("epochs: 1", "epochs: 200")
            + "objectives: [{ loss: huber, weight: 1e6 }]\n"
            + "optimizer: { kind: sgd, learning_rate: 1000 }\n";
    assertThatThrownBy(() -> run(text)).hasFieldOrPropertyWithValue("code", TrainError.DIVERGED);
  }

  @Test
  void termInWhichNothingCounts_isLeftOutAndTheRestLearned() {
    String text =
        CLASSES.replaceAll(
                "- \\{.*}",
                "- { name: none, loss: { kind: cross_entropy, class_weights: [0, 0, 0] } }")
            + STILL;
    Map<String, Double> metrics = run(text).metrics();
    assertThat(metrics).doesNotContainKey("train_none_loss");
    assertThat(metrics.get("train_loss")).isEqualTo(metrics.get("train_cross_entropy_loss"));
  }

  private void assertRefused(String text, String message) {
    assertThatThrownBy(() -> run(text + STILL)).hasMessageContaining(message);
  }

  @Test
  void whatDoesNotFit_isRefusedByName() {
    assertRefused(NUMBERS + "objectives: [{ weight: 2 }]\n", "the same output, targets and loss");
    assertRefused(NUMBERS + "objectives: [{ output: y }]\n", "of a base only (expected: base)");
    assertRefused(
        NUMBERS + "objectives: [{ loss: mean_squared_error }]\n",
        "two losses are called mean_squared_error (expected: a name of its own for each)");
    assertRefused(
        NUMBERS + "objectives: [{ loss: cross_entropy }]\n", "loss: cross_entropy (expected: mean");
    assertRefused(
        NUMBERS + "objectives: [{ task: binary, loss: binary_cross_entropy }]\n",
        "objectives.task: binary (expected: label");
    assertRefused(
        CLASSES.replace("[p, q, r]", "[p, q]"), "2 columns for kullback_leibler (expected: 3");
    assertRefused(CLASSES.replace("[p, q, r]", "[p, q, k]"), "column k is given twice");
    assertRefused(CLASSES.replace("features: [a, b], ", ""), "which columns are features?");
    String second = "- { name: other, task: classification, label: y }";
    assertRefused(CLASSES.replaceAll("- \\{.*}", second), "objectives: other: target");
  }

  @Test
  void labelOutOfRange_isRefusedWithItsValue() throws Exception {
    StringBuilder lines = new StringBuilder("a,b,k,other\n");
    for (int n = 0; n < 12; n++) {
      lines.append("1,2,").append(n % 3).append(',').append(n == 8 ? 3 : 1).append('\n');
    }
    Files.writeString(folder.resolve("d.csv"), lines);
    String second = "- { name: other, task: classification, label: other }";
    assertRefused(CLASSES.replaceAll("- \\{.*}", second), "other: target 3.0 (expected: 0 to 2)");
  }
}
