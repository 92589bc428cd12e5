package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A base that normalizes its four inputs by the batch: 161 rows in batches of 32. */
class BatchStatisticsTest {
  private static final int ROWS = 161;
  private static final String RECIPE =
      """
      model: t/normalized
      task: regression
      data: { format: csv, header: true, train: d.csv, label: y, validation: 0, normalize: none }
      base: base.onnx
      optimizer: { kind: adam, learning_rate: 0.01 }
      epochs: 20
      batch: 32
      """;

  @TempDir Path folder;
  private final double[][] columns = new double[4][ROWS];

  @BeforeEach
  void write() throws Exception {
    GraphBuilder builder = new GraphBuilder("normalized");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(4));
    builder.initializer("scale", Tensor.ofFloats(new float[] {1, 1, 1, 1}, 4));
    builder.initializer("shift", Tensor.zeros(ElementType.FLOAT, 4));
    builder.initializer("mean", Tensor.zeros(ElementType.FLOAT, 4));
    builder.initializer("variance", Tensor.ofFloats(new float[] {1, 1, 1, 1}, 4));
    builder.initializer("w", Tensor.ofFloats(new float[] {0.1f, 0.2f, 0.3f, 0.4f}, 4, 1));
    String unit = builder.add("BatchNormalization", "x", "scale", "shift", "mean", "variance");
    builder.append(Node.of("MatMul", List.of(unit, "w"), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(1));
    OnnxFile.write(Model.of(builder.build()), folder.resolve("base.onnx"));
    rows(ROWS);
  }

  private void rows(int count) throws Exception {
    StringBuilder lines = new StringBuilder("a,b,c,d,y\n");
    Random random = new Random(5);
    for (int n = 0; n < count; n++) {
      for (int i = 0; i < 4; i++) {
        columns[i][n] = 3 * i + (i + 1) * random.nextGaussian();
        lines.append(columns[i][n]).append(',');
      }
      lines.append(random.nextGaussian()).append('\n');
    }
    Files.writeString(folder.resolve("d.csv"), lines);
  }

  private TrainingResult run(String recipe) {
    Path directory = folder.resolve("run" + new Random().nextLong());
    return TrainingRun.start(Recipe.parse(recipe, "normalized.yaml", folder), directory)
        .run(TrainingListener.SILENT, new CancelToken());
  }

  /** The last batch has one row that counts: its own variance would be 0. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void runningStatistics_areTheDatas(long seed) {
    Map<String, Tensor> found = run(RECIPE + "seed: " + seed).model().graph().initializers();
    for (int i = 0; i < 4; i++) {
      double mean = Arrays.stream(columns[i]).average().orElseThrow();
      double variance =
          Arrays.stream(columns[i]).map(x -> (x - mean) * (x - mean)).sum() / (ROWS - 1);
      assertThat(found.get("mean").doubleAt(i))
          .as("mean of column " + i)
          .isCloseTo(mean, within(0.1 * Math.sqrt(variance)));
      assertThat(found.get("variance").doubleAt(i))
          .as("variance of column " + i)
          .isCloseTo(variance, within(0.12 * variance));
    }
  }

  @Test
  void oneValuePerChannel_isRefusedByName() throws Exception {
    assertRefused(RECIPE.replace("batch: 32", "batch: 1"));
    rows(1);
    assertRefused(RECIPE);
  }

  private void assertRefused(String recipe) {
    assertThatThrownBy(() -> run(recipe))
        .hasMessageContaining("batch: 1 example gives node \"")
        .hasMessageContaining("(BatchNormalization) 1 value per channel of [")
        .hasMessageContaining("(expected: more than 1, which have a variance)")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.BAD_RECIPE);
  }
}
