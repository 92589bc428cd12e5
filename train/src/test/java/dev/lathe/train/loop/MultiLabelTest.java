package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.data.Preparing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Examples that have any of some labels. */
class MultiLabelTest {
  private static final String RECIPE =
      """
      model: t/labels
      task: multi_label
      data: { format: csv, train: train.csv, header: true, LABEL, window: WINDOW }
      architecture: { kind: linear }
      loss: { kind: binary_cross_entropy, positive_weights: balanced }
      optimizer: { kind: adam, learning_rate: 0.1 }
      epochs: 30
      """;

  @TempDir Path folder;

  private Recipe recipe(String label, int window) {
    String text = RECIPE.replace("LABEL", label).replace("WINDOW", Integer.toString(window));
    return Recipe.parse(text, "labels.yaml", folder);
  }

  private void write(String header, List<String> lines) throws Exception {
    Files.writeString(folder.resolve("train.csv"), header + "\n" + String.join("\n", lines) + "\n");
  }

  /** Labels "low" where a is below 0, "high" where it is not, "far" where b is large. */
  private static List<String> points(int count, boolean listed) {
    Random random = new Random(5);
    List<String> lines = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      float a = (float) random.nextGaussian();
      float b = (float) random.nextGaussian();
      boolean far = b > 0.5;
      lines.add(
          a
              + ","
              + b
              + ","
              + (listed
                  ? (far ? "far; " : "") + (a < 0 ? "low" : "high")
                  : (far ? 1 : 0) + "," + (a < 0 ? 0 : 1) + "," + (a < 0 ? 1 : 0)));
    }
    return lines;
  }

  private TrainingResult run(Recipe recipe) {
    return TrainingRun.start(recipe, folder.resolve("run"))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  private static float[] targets(PreparedData data) {
    Part part = data.train();
    try (Batch batch = new Batch(part.columns(), part.size());
        var cursor = part.inOrder()) {
      batch.fill(cursor);
      return batch.column(Part.TARGET).tensor().toFloats().clone();
    }
  }

  @Test
  void columnsOfMarks_areLearnedAndReleasedWithTheirNames() throws Exception {
    write("a,b,far,high,low", points(300, false));
    TrainingResult result = run(recipe("label: [far, high, low]", 128));

    assertThat(result.labels()).containsExactly("far", "high", "low");
    assertThat(result.metrics().get("train_f1")).isGreaterThan(0.9);
    assertThat(result.metrics()).containsKeys("train_exact_match", "train_accuracy");
    try (Session session = Session.open(result.model(), SessionOptions.defaults())) {
      Map<String, Tensor> answers =
          session.run(Map.of("x", Tensor.ofFloats(new float[] {-3, 3, 3, -3}, 2, 2)));
      assertThat(answers.get("labels").toLongs()).containsExactly(1, 0, 1, 0, 1, 0);
      assertThat(answers.get("probabilities").dims()).containsExactly(2, 3);
    }
  }

  @Test
  void listedLabels_areTheSameTargets_heldOrStreamed() throws Exception {
    write("a,b,far,high,low", points(40_000, false));
    float[] columns = targets(Preparing.of(recipe("label: [far, high, low]", 128)));
    write("a,b,tags", points(40_000, true));
    Recipe listed = recipe("label: tags, label_separator: \";\"", 128);
    PreparedData held = Preparing.of(listed);
    PreparedData streamed = Preparing.of(recipe("label: tags, label_separator: \";\"", 1));

    assertThat(Files.size(folder.resolve("train.csv"))).isGreaterThan(1 << 20);
    assertThat(held.train().isInMemory()).isTrue();
    assertThat(streamed.train().isInMemory()).isFalse();
    assertThat(held.answers().labels()).containsExactly("far", "high", "low");
    assertThat(streamed.answers()).isEqualTo(held.answers());
    assertThat(targets(held)).isEqualTo(columns);
    assertThat(targets(streamed)).isEqualTo(columns);
    assertThat(Recipe.parse(listed.source(), "again", folder)).isEqualTo(listed);
  }

  @Test
  void exampleWithoutALabel_isAnExample() throws Exception {
    write("a,b,tags", List.of("1,2,x|y", "1,2,", "3,1,y"));
    PreparedData data = Preparing.of(recipe("label: tags, label_separator: \"|\"", 128));
    assertThat(targets(data)).containsExactly(1, 1, 0, 0, 0, 1);
  }

  @Test
  void markThatIsNeither0Nor1_isRefusedWithItsPlace() throws Exception {
    write("a,b,far,high,low", List.of("1,2,0,1,1", "1,2,0,2,1"));
    assertThatThrownBy(() -> Preparing.of(recipe("label: [far, high, low]", 128)))
        .hasMessageContaining("train.csv: line 3: column 4: high: 2.0 (expected: 0 or 1, whether")
        .hasFieldOrPropertyWithValue("code", TrainError.BAD_DATA);
    Dataset memory =
        Dataset.of(
            Tensor.ofFloats(new float[] {1, 2}, 2, 1),
            Tensor.ofFloats(new float[] {0, 1, 0.5f, 1}, 2, 2));
    Recipe recipe = Recipe.of("t/m", Task.MULTI_LABEL, new ArchitectureRecipe.Linear());
    assertThatThrownBy(() -> Preparing.of(recipe, memory))
        .hasMessage("memory: example 1, label 0: 0.5 (expected: 0 or 1)");
  }

  @Test
  void separatorForColumns_andFormatsOfOneLabel_areRefused() {
    assertThatThrownBy(() -> recipe("label: [a, b], label_separator: \";\"", 1))
        .hasMessageContaining("data.label_separator: for 2 columns and task multi_label");
    assertThatThrownBy(
            () ->
                Recipe.parse(
                    RECIPE.replaceAll("data: .*", "data: { format: drawn_digits }"), "labels.yaml"))
        .hasMessageContaining("data.format: drawn_digits has one label for each example");
  }
}
