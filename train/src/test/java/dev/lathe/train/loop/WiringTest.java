package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
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

/** A base with two inputs, one of them an index into a table, and two outputs. */
class WiringTest {
  private static final String RECIPE =
      """
      model: t/wired
      task: regression
      data:
        { format: csv, header: true, train: d.csv, label: sum, validation: 0.2, normalize: none }
      base: base.onnx
      inputs:
        point: [a, b]
        kind: [k]
      objectives:
        - { output: side, task: classification, label: right, weight: 0.5 }
      optimizer: { kind: adam, learning_rate: 0.05 }
      epochs: 30
      """;

  @TempDir Path folder;

  /** sum [N, 1] = point·W + table[kind]; side [N, 2] = softmax(point·V). */
  @BeforeEach
  void write() throws Exception {
    GraphBuilder builder = new GraphBuilder("two");
    builder.input("point", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(2))));
    builder.input("kind", ElementType.INT64, Shape.of(List.of(Dim.of("N"), Dim.of(1))));
    builder.initializer("w", Tensor.ofFloats(new float[] {0.1f, -0.1f}, 2, 1));
    builder.initializer("v", Tensor.ofFloats(new float[] {0.1f, 0, 0, 0.1f}, 2, 2));
    builder.initializer("table", Tensor.ofFloats(new float[] {0.1f, 0.2f, 0.3f}, 3, 1));
    builder.initializer("flat", Tensor.ofLongs(new long[] {-1}, 1));
    builder.append(Node.of("Reshape", List.of("kind", "flat"), List.of("row")));
    builder.append(Node.of("Gather", List.of("table", "row"), List.of("offset")));
    builder.append(Node.of("MatMul", List.of("point", "w"), List.of("line")));
    builder.append(Node.of("Add", List.of("line", "offset"), List.of("total")));
    builder.append(Node.of("MatMul", List.of("point", "v"), List.of("scores")));
    builder.append(
        Node.of("Softmax", List.of("scores"), List.of("side")).with("axis", Attribute.of(1L)));
    builder.output("total", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(1))));
    builder.output("side", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(2))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    StringBuilder lines = new StringBuilder("k,a,sum,right,b\n");
    Random random = new Random(3);
    for (int n = 0; n < 200; n++) {
      int k = random.nextInt(3);
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      lines.append(k).append(',').append(a).append(',').append(2 * a - b + k).append(',');
      lines.append(a < b ? 1 : 0).append(',').append(b).append('\n');
    }
    Files.writeString(folder.resolve("d.csv"), lines);
  }

  private TrainingResult run(String text) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(Recipe.parse(text, "wired.yaml", folder), directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void bothOutputs_areLearnedFromBothInputs() {
    TrainingResult result = run(RECIPE);
    assertThat(result.metrics().get("validation_r2")).isGreaterThan(0.97);
    assertThat(result.metrics().get("validation_side_accuracy")).isGreaterThan(0.9);
    assertThat(result.metrics()).containsKeys("validation_side_f1", "validation_mae");
    assertThat(result.model().graph().outputs())
        .extracting("name")
        .containsExactly("total", "side");
    Map<String, Tensor> inputs =
        Map.of(
            "point",
            Tensor.ofFloats(new float[] {1, 0, 0, 1}, 2, 2),
            "kind",
            Tensor.ofLongs(new long[] {2, 0}, 2, 1));
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      Map<String, Tensor> answers = session.run(inputs);
      assertThat(answers.get("total").doubleAt(0)).isCloseTo(4, within(0.3));
      assertThat(answers.get("total").doubleAt(1)).isCloseTo(-1, within(0.3));
      assertThat(answers.get("side").doubleAt(0)).isGreaterThan(0.7);
    }
  }

  @Test
  void recipeWithWiring_readsAsItsText() {
    Recipe recipe = Recipe.parse(RECIPE, "wired.yaml", folder);
    Recipe made = recipe.withWiring(recipe.wiring());
    assertThat(made.wiring()).isEqualTo(recipe.wiring());
    assertThat(made.wiring().inputs().keySet()).containsExactly("point", "kind");
    assertThat(made.wiring().objectives().getFirst().weight()).isEqualTo(0.5);
    assertThat(Recipe.parse(made.source(), "again", folder)).isEqualTo(made);
  }

  @Test
  void weightOfAnObjective_changesWhatIsLearned() {
    double heavy = run(RECIPE.replace("weight: 0.5", "weight: 100")).metrics().get("train_loss");
    double light = run(RECIPE.replace("weight: 0.5", "weight: 0.01")).metrics().get("train_loss");
    assertThat(heavy).isGreaterThan(10 * light);
  }

  @Test
  void normalization_isReleasedBeforeEachInput() throws Exception {
    GraphBuilder builder = new GraphBuilder("sum");
    builder.input("far", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(1))));
    builder.input("near", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(2))));
    builder.initializer("w", Tensor.ofFloats(new float[] {0.1f}, 1, 1));
    builder.initializer("v", Tensor.ofFloats(new float[] {0.1f, 0.1f}, 2, 1));
    builder.initializer("c", Tensor.ofFloats(new float[] {0}, 1));
    builder.append(Node.of("Gemm", List.of("far", "w", "c"), List.of("first")));
    builder.append(Node.of("MatMul", List.of("near", "v"), List.of("second")));
    builder.append(Node.of("Add", List.of("first", "second"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(1))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    StringBuilder lines = new StringBuilder("p,f,q,y\n");
    Random random = new Random(6);
    for (int n = 0; n < 300; n++) {
      double f = 1000 + 50 * random.nextGaussian();
      double p = random.nextGaussian();
      double q = 5 + random.nextGaussian();
      lines.append(p).append(',').append(f).append(',').append(q).append(',');
      lines.append((f - 1000) / 50 + p - 2 * q).append('\n');
    }
    Files.writeString(folder.resolve("d.csv"), lines);
    String text =
        RECIPE
            .replaceAll("(?s)inputs:.*optimizer", "inputs: { far: f, near: [p, q] }\noptimizer")
            .replace("label: sum", "label: y")
            .replace("normalize: none", "normalize: standard")
            .replace("epochs: 30", "epochs: 150");
    TrainingResult result = run(text);
    assertThat(result.metrics().get("validation_r2")).isGreaterThan(0.98);
    Map<String, Tensor> raw =
        Map.of(
            "far",
            Tensor.ofFloats(new float[] {1100}, 1, 1),
            "near",
            Tensor.ofFloats(new float[] {1, 4}, 1, 2));
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      assertThat(session.run(raw).get("y").doubleAt(0)).isCloseTo(2 + 1 - 8, within(0.5));
    }
  }

  private void assertRefused(String old, String now, TrainError code, String message) {
    String text = RECIPE.replace(old, now);
    assertThat(text).isNotEqualTo(RECIPE);
    assertThatThrownBy(() -> run(text))
        .hasMessageContaining(message)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(code);
  }

  @Test
  void wrongWiring_isRefusedByName() {
    TrainError recipe = TrainError.BAD_RECIPE;
    assertRefused(
        "  kind: [k]\n",
        "",
        recipe,
        "inputs: no columns for input \"kind\" (expected: [point, kind])");
    assertRefused(
        "kind: [k]",
        "knid: [k]",
        recipe,
        "no input \"knid\" (expected: did you mean \"kind\"? point");
    assertRefused(
        "output: side",
        "output: sied",
        recipe,
        "objectives: no output \"sied\" (expected: did you mean \"side\"? total, side)");
    assertRefused("point: [a, b]", "point: [a]", recipe, "inputs: 1 columns for input \"point\"");
    assertRefused("[a, b]", "[a, k]", recipe, "column k is given twice");
    assertRefused("label: right,", "label: sum,", recipe, "column sum is given twice");
    assertRefused("label: right", "label: k2", TrainError.BAD_DATA, "no column \"k2\"");
    assertRefused("normalize: none", "normalize: standard", recipe, "input \"kind\" of INT64");
    assertRefused("normalize: none", "missing: mean", recipe, "data.missing: with input \"kind\"");
    assertRefused(
        "inputs:\n  point: [a, b]\n  kind: [k]\n", "", recipe, "which columns are features");
    assertRefused("kind: [k]", "kind: [right]", recipe, "column right is given twice");
  }

  @Test
  void targetThatIsNoClass_isRefusedWithItsValue() {
    assertRefused("kind: [k]\n", "kind: [right]\n", TrainError.BAD_RECIPE, "given twice");
    String text =
        RECIPE.replace("label: right,", "label: k,").replace("kind: [k]", "kind: [right]");
    assertThatThrownBy(() -> run(text))
        .hasMessage("objectives: side: target 2.0 (expected: 0 to 1)")
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
  }

  @Test
  void severalInputsWithoutWiring_areRefusedWithTheKey() {
    String text = RECIPE.replaceAll("(?s)inputs:.*optimizer", "optimizer");
    assertThatThrownBy(() -> run(text))
        .hasMessageContaining("inputs [point, kind] (expected: one, or the recipe's key inputs");
  }
}
