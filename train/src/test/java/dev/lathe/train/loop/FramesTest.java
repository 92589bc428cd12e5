package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels in the order in which they are heard, and not at which frame: loss ctc. */
class FramesTest {
  private static final int FRAMES = 6;
  private static final int FEATURES = 3;
  private static final int CLASSES = 3;

  private static final String RECIPE =
      """
      model: t/heard
      task: regression
      data:
        format: csv
        header: true
        train: d.csv
        label: [frames, first, second]
        shape: [6, 3]
        normalize: none
        validation: 0.2
      base: base.onnx
      loss: ctc
      optimizer: { kind: adam, learning_rate: 0.05 }
      epochs: 30
      batch: 16
      """;

  @TempDir Path folder;

  /** Scores of each frame are its features times a weight. */
  @BeforeEach
  void write() throws Exception {
    GraphBuilder builder = new GraphBuilder("frames");
    List<Dim> x = List.of(Dim.of("N"), Dim.of(FRAMES), Dim.of(FEATURES));
    builder.input("x", ElementType.FLOAT, Shape.of(x));
    builder.initializer("w", Tensor.zeros(ElementType.FLOAT, FEATURES, CLASSES));
    builder.append(Node.of("MatMul", List.of("x", "w"), List.of("y")));
    builder.output(
        "y", ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), Dim.of(FRAMES), Dim.of(CLASSES))));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    data(200, "");
  }

  /** The first label sounds for a while, then nothing, then the second; noise behind the frames. */
  private void data(int count, String last) throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < FRAMES * FEATURES; i++) {
      lines.append('f').append(i).append(',');
    }
    lines.append("frames,first,second\n");
    Random random = new Random(2);
    for (int n = 0; n < count; n++) {
      int first = 1 + random.nextInt(2);
      int second = random.nextInt(3);
      int[] heard = {first, random.nextBoolean() ? first : 0, 0, second, 0, 0};
      int frames = 4 + random.nextInt(3);
      for (int t = 0; t < FRAMES; t++) {
        int sound = t < frames ? heard[t] : random.nextInt(3);
        for (int i = 0; i < FEATURES; i++) {
          lines.append(i == sound ? 1 : 0).append(',');
        }
      }
      lines.append(frames).append(',').append(first).append(',');
      lines.append(second == 0 ? -1 : second).append('\n');
    }
    if (!last.isEmpty()) {
      lines.append("0,".repeat(FRAMES * FEATURES)).append(last).append('\n');
    }
    Files.writeString(folder.resolve("d.csv"), lines);
  }

  private TrainingResult run(String text) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(Recipe.parse(text, "heard.yaml", folder), directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void labelsInOrder_teachWhichFramesSoundLikeThem() {
    TrainingResult result = run(RECIPE);
    assertThat(result.metrics().get("validation_loss")).isLessThan(0.3);
    assertThat(result.metrics()).doesNotContainKeys("validation_mse", "train_mae");
    float[] x = new float[FRAMES * FEATURES];
    int[] heard = {2, 2, 0, 1, 1, 0};
    for (int t = 0; t < FRAMES; t++) {
      x[t * FEATURES + heard[t]] = 1;
    }
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      Tensor y = session.run(Map.of("x", Tensor.ofFloats(x, 1, FRAMES, FEATURES))).get("y");
      List<Integer> best = new ArrayList<>();
      for (int t = 0; t < FRAMES; t++) {
        int most = 0;
        for (int k = 1; k < CLASSES; k++) {
          most = y.doubleAt(t * CLASSES + k) > y.doubleAt(t * CLASSES + most) ? k : most;
        }
        best.add(most);
      }
      assertThat(best).containsExactly(2, 2, 0, 1, 1, 0);
    }
  }

  @Test
  void recipe_readsAsItsText() {
    Recipe recipe = Recipe.parse(RECIPE.replace("ctc", "{ kind: ctc, blank: 2 }"), "a", folder);
    Recipe again = Recipe.parse(recipe.withEpochs(3, 5).source(), "b", folder);
    assertThat(again.loss()).isEqualTo(recipe.loss());
    assertThat(again.metrics()).isEmpty();
  }

  private void assertRefused(String last, String message) throws Exception {
    data(40, last);
    assertThatThrownBy(() -> run(RECIPE))
        .hasMessageContaining(message)
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
  }

  @Test
  void labelsThatCannotBe_areRefusedWithTheExample() throws Exception {
    assertRefused("7,1,2", "7.0 frames (expected: 1 to 6)");
    assertRefused("0,1,2", "0.0 frames (expected: 1 to 6)");
    assertRefused("4,1,3", "label 3.0 at place 2 (expected: 0 to 2 but for the blank 0, or -1");
    assertRefused("4,0,1", "label 0.0 at place 1");
    assertRefused("4,-1,1", "label 1.0 at place 2");
    assertRefused("4,1.5,1", "label 1.5 at place 1");
    assertRefused("2,1,1", "2 frames (expected: at least 3, one for each label and one between");
  }

  @Test
  void scoresThatOverflow_endTheRun() throws Exception {
    data(40, "");
    String far = Files.readString(folder.resolve("d.csv")).replace("\n0,1,", "\n0,3e38,");
    Files.writeString(folder.resolve("d.csv"), far);
    String text =
        RECIPE.replace("kind: adam, learning_rate: 0.05", "kind: sgd, learning_rate: 900");
    assertThatThrownBy(() -> run(text)).hasFieldOrPropertyWithValue("code", TrainError.DIVERGED);
  }

  @Test
  void metricsAndScores_thatDoNotFit_areRefused() {
    assertThatThrownBy(() -> run(RECIPE + "metrics: [mse]\n"))
        .hasMessageContaining("metrics: mse (expected: loss alone, with loss ctc)");
    assertThatThrownBy(() -> run(RECIPE + "early_stop: { metric: mae, patience: 2 }\n"))
        .hasMessageContaining("metrics: mae (expected: loss alone");
    assertThatThrownBy(
            () -> run(RECIPE.replace("base: base.onnx", "architecture: { kind: linear }")))
        .hasMessageContaining("(expected: [N, T, K] with frames T");
  }
}
