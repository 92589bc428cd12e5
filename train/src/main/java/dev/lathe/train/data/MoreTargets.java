package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Columns;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.DataRecipe.Records;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.Normalization;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.WiringRecipe;
import java.util.List;

/** The targets of further objectives, as numbers beside the examples of a recipe. */
public final class MoreTargets {
  private MoreTargets() {}

  /**
   * Reads them.
   *
   * @param recipe a recipe with objectives that have columns of their own, on records
   * @return examples in the recipe's order and split, whose targets are all further ones, FLOAT [N,
   *     K]; their features mean nothing
   * @throws LatheException BAD_DATA with file, line and column; TOO_LARGE if the records are not
   *     held in memory
   */
  public static PreparedData of(Recipe recipe) {
    Records records = (Records) recipe.data();
    List<String> targets =
        recipe.wiring().objectives().stream().flatMap(one -> one.label().stream()).toList();
    List<String> features =
        recipe.wiring().inputs().isEmpty()
            ? records.columns().features()
            : recipe.wiring().columns();
    Preparation split =
        new Preparation(
            List.of(),
            records.preparation().validation(),
            records.preparation().testFraction(),
            Normalization.NONE);
    Records numbers =
        new Records(
            records.format(),
            records.train(),
            records.validationFile(),
            records.test(),
            new Columns(targets, List.of(features.getFirst()), "", records.columns().missing()),
            records.window(),
            split);
    PreparedData more = Preparing.of(asNumbers(recipe, numbers));
    if (!more.train().isInMemory()) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          "objectives: "
              + records.train()
              + " is not held in memory (expected: a file below data.window, "
              + records.window()
              + " mebibytes)");
    }
    return more;
  }

  private static Recipe asNumbers(Recipe recipe, Records numbers) {
    return new Recipe(
        recipe.model(),
        Task.REGRESSION,
        recipe.seed(),
        numbers,
        recipe.architecture(),
        new LossRecipe.MeanSquaredError(),
        recipe.optimizer(),
        recipe.schedule(),
        recipe.update(),
        recipe.lora(),
        WiringRecipe.PLAIN,
        recipe.epochs(),
        recipe.steps(),
        recipe.batch(),
        List.of(),
        recipe.written(),
        recipe.earlyStop(),
        recipe.checkpointEvery(),
        recipe.release(),
        recipe.deploy(),
        recipe.source(),
        recipe.directory());
  }
}
