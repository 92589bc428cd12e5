package dev.lathe.examples.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.server.Lathe;
import dev.lathe.server.LocalLathe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinearRegressionTest {
  @TempDir Path data;

  @Test
  void example_learnsReleasesAndPredicts() {
    LinearRegression.main(new String[] {data.toString()});

    try (LocalLathe lathe = Lathe.open(data)) {
      assertThat(lathe.log("examples/linear")).hasSize(1);
      float[] question = new float[10];
      question[4] = 2;
      question[9] = -1;
      Tensor y =
          lathe
              .predict("examples/linear", "v1", Map.of("x", Tensor.ofFloats(question, 1, 10)))
              .outputs()
              .get("y");
      assertThat(y.doubleAt(0)).isCloseTo(8, within(0.05));
      assertThat(y.doubleAt(1)).isCloseTo(-9, within(0.05));
    }
  }

  @Test
  void example_hasLessThan40Lines() throws Exception {
    Path source = Path.of("src/main/java/dev/lathe/examples/linear/LinearRegression.java");
    assertThat(Files.readAllLines(source)).hasSizeLessThan(40);
  }
}
