package dev.lathe.examples.linear;

import dev.lathe.ir.Tensor;
import dev.lathe.server.Lathe;
import dev.lathe.server.LocalLathe;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Dataset;
import dev.lathe.train.OptimizerRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** Learns 2 numbers from 10, releases what was learned, and asks it. */
final class LinearRegression {
  public static void main(String[] arguments) {
    Random random = new Random(1);
    float[] x = new float[320 * 10];
    float[] y = new float[320 * 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
      y[i / 10 * 2 + i % 2] += (i % 10) * x[i];
    }
    Dataset data = Dataset.of(Tensor.ofFloats(x, 320, 10), Tensor.ofFloats(y, 320, 2));
    Recipe recipe =
        Recipe.of("examples/linear", Task.REGRESSION, new ArchitectureRecipe.Linear())
            .withOptimizer(OptimizerRecipe.sgd(0.01))
            .withEpochs(100, 32);
    try (LocalLathe lathe = Lathe.open(Path.of(arguments[0]))) {
      String version = lathe.train(recipe, data, progress -> {}).version();
      Tensor question = Tensor.ofFloats(new float[] {1, 1, 0, 0, 0, 0, 0, 0, 1, 1}, 1, 10);
      Tensor answer =
          lathe.predict(recipe.model(), version, Map.of("x", question)).outputs().get("y");
      System.out.println(version + ": " + answer.doubleAt(0) + ", " + answer.doubleAt(1));
    }
  }
}
