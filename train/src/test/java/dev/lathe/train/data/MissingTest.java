package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingRun;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records with holes among their features. */
class MissingTest {
  private static final String RECIPE =
      """
      model: t/holes
      task: regression
      data:
        format: csv
        header: true
        train: d.csv
        test: test.csv
        missing: mean
        normalize: standard
        window: 1
      architecture: { kind: linear }
      optimizer: { kind: sgd, learning_rate: 0.1 }
      epochs: 1
      batch: 8
      """;

  @TempDir Path folder;

  private Recipe recipe(String text) {
    return Recipe.parse(text, "r.yaml", folder);
  }

  /** Means of what is there: a 2, b 30. */
  private void write(int times) throws IOException {
    String rows = "1,10,1\n3,,2\n,50,3\n2.0000000000,NaN,4\n";
    Files.writeString(folder.resolve("d.csv"), "a,b,y\n" + rows.repeat(times));
    Files.writeString(folder.resolve("test.csv"), "a,b,y\n,,9\n2,30,9\n");
  }

  private static List<Float> features(Part part, int most) {
    int size = Math.min(most, part.size());
    Tensor x = Tensor.zeros(ElementType.FLOAT, size, 2);
    Tensor y = Tensor.zeros(ElementType.FLOAT, size, 1);
    List<MemorySegment> segments = List.of(x.data(), y.data());
    try (Cursor cursor = part.inOrder()) {
      for (int i = 0; i < size; i++) {
        cursor.next(segments, i);
      }
    }
    List<Float> features = new ArrayList<>();
    for (float value : x.toFloats()) {
      features.add(value);
    }
    return features;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 60_000})
  void meanOfTheTrainingPart_standsForHoles_heldOrReadInEveryEpoch(int times) throws IOException {
    write(times);
    PreparedData data = Preparing.of(recipe(RECIPE.replace("standard", "none")));
    assertThat(data.train().isInMemory()).isEqualTo(times == 2);
    assertThat(data.normalizer().fill().toFloats()).containsExactly(2, 30);
    assertThat(features(data.train(), 4)).containsExactly(1f, 10f, 3f, 30f, 2f, 50f, 2f, 30f);
    assertThat(features(data.test(), 2)).containsExactly(2f, 30f, 2f, 30f);
  }

  @ParameterizedTest
  @CsvSource({"2, mean", "60000, mean", "2, zero", "60000, zero"})
  void normalizationIsOfFilledFeatures(int times, String missing) throws IOException {
    write(times);
    PreparedData data = Preparing.of(recipe(RECIPE.replace("mean", missing)));
    List<Float> rows = features(data.train(), 4);
    for (int column = 0; column < 2; column++) {
      double sum = 0;
      double squares = 0;
      for (int i = column; i < rows.size(); i += 2) {
        sum += rows.get(i);
        squares += rows.get(i) * rows.get(i);
      }
      assertThat(sum / 4).isCloseTo(0, within(1e-4));
      assertThat(squares / 4).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void holesWithoutASay_areToldByPlace() throws IOException {
    write(2);
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE.replace("missing: mean", "seed: 1"))))
        .hasMessageContaining("unknown key");
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE.replace("mean", "error"))))
        .hasMessageContaining("d.csv: line 3: column 2: b: \"\" (expected: a finite number");
  }

  @Test
  void wordsAreNoHoles_norIsATarget() throws IOException {
    write(2);
    Files.writeString(folder.resolve("d.csv"), "a,b,y\n1,2,3\n1,none,3\n");
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE)))
        .hasMessageContaining("line 3: column 2: b: \"none\"");
    Files.writeString(folder.resolve("d.csv"), "a,b,y\n1,2,3\n1,1,\n");
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE)))
        .hasMessageContaining("line 3: column 3: y");
  }

  @Test
  void featureThatIsMissingEverywhere_isTold() throws IOException {
    write(2);
    Files.writeString(folder.resolve("d.csv"), "a,b,y\n1,,3\n1,,4\n");
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE)))
        .hasMessageContaining("feature 1, counted from 0, is missing in all");
  }

  @Test
  void nullIsAHole_inJsonLines() throws IOException {
    Files.writeString(
        folder.resolve("d.jsonl"),
        "{\"a\":null,\"b\":1,\"y\":1}\n{\"a\":4,\"b\":\"\",\"y\":1}\n{\"a\":6,\"b\":3,\"y\":2}\n");
    String json =
        RECIPE
            .replace(
                "csv\n  header: true\n  train: d.csv\n  test: test.csv",
                "jsonl\n  label: y\n  train: d.jsonl")
            .replace("standard", "none");
    assertThat(features(Preparing.of(recipe(json)).train(), 3))
        .containsExactly(5f, 1f, 4f, 2f, 6f, 3f);
  }

  @Test
  void releasedModel_fillsHolesItself() throws Exception {
    write(2);
    TrainingRun run = TrainingRun.start(recipe(RECIPE), folder.resolve("run"));
    Model model = run.run(TrainingListener.SILENT, new CancelToken()).model();
    assertThat(model.graph().nodes()).extracting(Node::op).contains("IsNaN", "Where");
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Tensor x =
          Tensor.ofFloats(new float[] {Float.NaN, Float.NaN, 2, 30, 1, Float.NaN, 1, 30}, 4, 2);
      String input = model.graph().inputs().getFirst().name();
      float[] y = session.run(Map.of(input, x)).values().iterator().next().toFloats();
      assertThat(y[0]).isEqualTo(y[1]).isNotNaN();
      assertThat(y[2]).isEqualTo(y[3]).isNotNaN().isNotEqualTo(y[0]);
    }
  }

  @Test
  void meanOfStandardAll_isRefused_andTheKeyIsWritten() {
    assertThatThrownBy(() -> recipe(RECIPE.replace("standard", "standard_all")))
        .hasMessageContaining("data.missing: mean with normalize: standard_all");
    Recipe recipe = recipe(RECIPE);
    assertThat(recipe(recipe.withData(recipe.data()).source()).data()).isEqualTo(recipe.data());
  }
}
