package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lathe.ir.Tensor;
import dev.lathe.train.DataDigest;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records whose validation part is a file of its own. */
class ValidationFileTest {
  private static final String RECIPE =
      """
      model: t/watched
      task: classification
      data:
        format: csv
        train: train.csv
        validation_file: held.csv
        test_fraction: 0.2
        normalize: standard
        window: 1
      architecture: { kind: linear }
      optimizer: { kind: sgd, learning_rate: 0.1 }
      early_stop: { patience: 1 }
      epochs: 1
      batch: 8
      """;

  @TempDir Path folder;

  private Recipe recipe(String text) {
    return Recipe.parse(text, "r.yaml", folder);
  }

  /** Half of the first features are -1, half are 1; those that are watched lie far from them. */
  private void write(int rows) throws IOException {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      csv.append(i % 2 == 0 ? "-1.0000000000,0,a\n" : "1.0000000000,0,b\n");
    }
    Files.writeString(folder.resolve("train.csv"), csv);
    Files.writeString(folder.resolve("held.csv"), "3,0,b\n5,0,a\n7,0,b\n");
  }

  private static List<Float> firsts(Part part) {
    Tensor x = Tensor.zeros(part.columns().getFirst().type(), part.size(), 2);
    Tensor y = Tensor.zeros(part.columns().getLast().type(), part.size());
    List<MemorySegment> segments = List.of(x.data(), y.data());
    List<Float> firsts = new ArrayList<>();
    try (Cursor cursor = part.inOrder()) {
      for (int i = 0; i < part.size(); i++) {
        cursor.next(segments, i);
        firsts.add((float) x.doubleAt(2L * i));
      }
    }
    return firsts;
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 80_000})
  void itsRecordsAreWatched_heldOrReadInEveryEpoch(int rows) throws IOException {
    write(rows);
    PreparedData data = Preparing.of(recipe(RECIPE));
    assertThat(data.train().isInMemory()).isEqualTo(rows == 100);
    assertThat(data.train().size() + data.test().size()).isEqualTo(rows);
    assertThat(data.test().size()).isBetween(rows / 8, rows / 4);
    float mean = (float) data.normalizer().mean().doubleAt(0);
    float std = (float) data.normalizer().std().doubleAt(0);
    assertThat(mean).as("mean of the training part").isBetween(-0.2f, 0.2f);
    assertThat(firsts(data.validation()))
        .containsExactly((3 - mean) / std, (5 - mean) / std, (7 - mean) / std);
    assertThat(data.digests())
        .extracting(DataDigest::role, DataDigest::source, DataDigest::examples)
        .contains(tuple("validation", "held.csv", 3L));
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 80_000})
  void itsLabelThatTrainingHasNot_isTold(int rows) throws IOException {
    write(rows);
    Files.writeString(folder.resolve("held.csv"), "3,0,b\n5,0,z\n");
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE)))
        .hasMessageContaining("held.csv: line 2: column 3")
        .hasMessageContaining("z");
  }

  @Test
  void itsWidthThatTrainingHasNot_isTold() throws IOException {
    write(100);
    Files.writeString(folder.resolve("held.csv"), "3,b\n5,a\n");
    assertThatThrownBy(() -> Preparing.of(recipe(RECIPE)))
        .hasMessageContaining("held.csv: 1 features (expected: 2 as in training)");
  }

  @Test
  void fractionBesideIt_isRefused() {
    String both = RECIPE.replace("test_fraction", "validation");
    assertThatThrownBy(() -> recipe(both)).hasMessageContaining("a validation file is named");
  }

  @Test
  void isWrittenAsItIsRead() {
    Recipe recipe = recipe(RECIPE);
    String rendered = recipe.withData(recipe.data()).source();
    assertThat(rendered).isNotEqualTo(RECIPE).contains("validation_file: ");
    assertThat(recipe(rendered).data()).isEqualTo(recipe.data());
  }
}
