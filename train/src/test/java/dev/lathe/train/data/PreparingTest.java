package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.DataRecipe.InMemory;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.Normalization;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PreparingTest {
  private static Recipe recipe(Task task, Preparation preparation) {
    return Recipe.of("a/b", task, new ArchitectureRecipe.Linear())
        .withData(new InMemory(preparation));
  }

  private static Dataset counted(int size) {
    float[] x = new float[size * 2];
    long[] y = new long[size];
    for (int i = 0; i < size; i++) {
      x[2 * i] = i;
      x[2 * i + 1] = 7;
      y[i] = i % 2;
    }
    return Dataset.of(Tensor.ofFloats(x, size, 2), Tensor.ofLongs(y, size));
  }

  private static Set<Double> firsts(Part part) {
    Set<Double> firsts = new TreeSet<>();
    for (int i = 0; i < part.size(); i++) {
      firsts.add(features(part).doubleAt(2L * i));
    }
    return firsts;
  }

  private static Tensor features(Part part) {
    return ((Examples) part).x();
  }

  @Test
  void split_sharesOutEveryExampleOnce() {
    Preparation preparation = new Preparation(List.of(), 0.2, 0.1, Normalization.NONE);
    PreparedData data = Preparing.of(recipe(Task.CLASSIFICATION, preparation), counted(100));
    assertThat(data.train().size()).isEqualTo(70);
    assertThat(data.validation().size()).isEqualTo(20);
    assertThat(data.test().size()).isEqualTo(10);
    Set<Double> all = firsts(data.train());
    all.addAll(firsts(data.validation()));
    all.addAll(firsts(data.test()));
    assertThat(all).hasSize(100);
    assertThat(firsts(data.test()))
        .isNotEqualTo(Set.of(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0));
  }

  @Test
  void split_followsTheSeed() {
    Preparation preparation = new Preparation(List.of(), 0.2, 0, Normalization.NONE);
    Recipe recipe = recipe(Task.CLASSIFICATION, preparation);
    Set<Double> once = firsts(Preparing.of(recipe, counted(50)).validation());
    assertThat(firsts(Preparing.of(recipe, counted(50)).validation())).isEqualTo(once);
    assertThat(firsts(Preparing.of(recipe.withSeed(2), counted(50)).validation()))
        .isNotEqualTo(once);
  }

  @Test
  void standard_centresEachFeatureByTheTrainingPart() {
    Preparation preparation = new Preparation(List.of(), 0.5, 0, Normalization.STANDARD);
    PreparedData data = Preparing.of(recipe(Task.CLASSIFICATION, preparation), counted(100));
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < data.train().size(); i++) {
      double value = features(data.train()).doubleAt(2L * i);
      sum += value;
      squares += value * value;
      assertThat(features(data.train()).doubleAt(2L * i + 1)).as("a constant feature").isZero();
    }
    assertThat(sum / data.train().size()).isCloseTo(0, within(1e-5));
    assertThat(squares / data.train().size()).isCloseTo(1, within(1e-4));
    assertThat(data.normalizer().std().toFloats()[1]).isEqualTo(1f);
  }

  @Test
  void scale_dividesByTheLargest() {
    Preparation preparation = new Preparation(List.of(), 0, 0, Normalization.SCALE);
    PreparedData data = Preparing.of(recipe(Task.CLASSIFICATION, preparation), counted(100));
    assertThat(data.normalizer().std().toFloats()).containsExactly(99f);
    assertThat(features(data.train()).doubleAt(2L * 99)).isEqualTo(1.0);
  }

  @Test
  void targetsOfAnotherTask_areRefused() {
    assertThatThrownBy(() -> Preparing.of(recipe(Task.REGRESSION, Preparation.NONE), counted(4)))
        .hasMessageContaining("task: regression does not fit targets INT64[4]");
    Dataset three =
        Dataset.of(Tensor.ofFloats(new float[3], 3, 1), Tensor.ofLongs(new long[] {0, 1, 2}, 3));
    assertThatThrownBy(() -> Preparing.of(recipe(Task.BINARY, Preparation.NONE), three))
        .hasMessageContaining("3 classes (expected: 2 for task binary)");
  }

  @Test
  void shapeOfAnotherSize_isRefused() {
    Preparation preparation = new Preparation(List.of(3), 0, 0, Normalization.NONE);
    assertThatThrownBy(() -> Preparing.of(recipe(Task.CLASSIFICATION, preparation), counted(4)))
        .hasMessageContaining("data.shape: [3] has 3 elements (expected: 2");
  }

  @Test
  void badTensors_areRefusedAtTheDoor() {
    Tensor x = Tensor.ofFloats(new float[] {1, Float.NaN}, 2, 1);
    Tensor y = Tensor.ofLongs(new long[] {0, 1}, 2);
    assertThatThrownBy(() -> Dataset.of(x, y)).hasMessageContaining("x[1]: NaN");
    Tensor good = Tensor.ofFloats(new float[] {1, 2}, 2, 1);
    assertThatThrownBy(() -> Dataset.of(good, Tensor.ofLongs(new long[3], 3)))
        .hasMessageContaining("expected: 2 examples");
    assertThatThrownBy(() -> Dataset.of(good, Tensor.ofLongs(new long[] {0, -1}, 2)))
        .hasMessageContaining("y[1]: -1");
    assertThatThrownBy(() -> Dataset.of(y, y)).hasMessageContaining("x: INT64[2]");
  }
}
