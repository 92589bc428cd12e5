package dev.lathe.train;

import java.nio.file.Path;

/**
 * What to learn, from what, and how: everything that decides the weights, and where they go.
 *
 * <p>Made from YAML by {@link #read} or {@link #parse}, or in Java from {@link #of} and the {@code
 * with} methods.
 *
 * @param model name of the model to release, {@code namespace/name}
 * @param task what the model is asked
 * @param seed what everything random comes from
 * @param data where examples come from
 * @param architecture the network
 * @param loss what is made small
 * @param optimizer how a gradient becomes a new weight
 * @param schedule how the learning rate changes
 * @param epochs how often each example is seen
 * @param batch examples per step
 * @param earlyStop when to stop before the last epoch
 * @param checkpointEvery steps between checkpoints
 * @param message the release's commit message; empty lets the registry word it
 * @param deploy environment to deploy the release to; empty means none
 * @param source the YAML text, as written or rendered
 */
public record Recipe(
    String model,
    Task task,
    long seed,
    DataRecipe data,
    ArchitectureRecipe architecture,
    LossKind loss,
    OptimizerRecipe optimizer,
    Schedule schedule,
    int epochs,
    int batch,
    EarlyStop earlyStop,
    int checkpointEvery,
    String message,
    String deploy,
    String source) {
  /**
   * A recipe file. Relative paths in it start at its own folder.
   *
   * @param yaml the file
   * @return the recipe
   * @throws dev.lathe.ir.LatheException FILE_NOT_FOUND, TOO_LARGE or BAD_RECIPE with key, line and
   *     column
   */
  public static Recipe read(Path yaml) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * A recipe's text. Relative paths in it start at the process's folder.
   *
   * @param yaml the text
   * @param where what to call it in errors
   * @return the recipe
   * @throws dev.lathe.ir.LatheException TOO_LARGE or BAD_RECIPE with key, line and column
   */
  public static Recipe parse(String yaml, String where) {
    return parse(yaml, where, Path.of(""));
  }

  /**
   * A recipe's text.
   *
   * @param yaml the text
   * @param where what to call it in errors
   * @param directory where relative paths in it start
   * @return the recipe
   * @throws dev.lathe.ir.LatheException TOO_LARGE or BAD_RECIPE with key, line and column
   */
  public static Recipe parse(String yaml, String where, Path directory) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * The JSON Schema (draft 2020-12) of recipe files.
   *
   * @return the schema as JSON text
   */
  public static String jsonSchema() {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * A recipe with usual settings: Adam at 0.001, 10 epochs, batches of 32, data in memory.
   *
   * @param model name of the model to release
   * @param task what the model is asked
   * @param architecture the network
   * @return the recipe
   */
  public static Recipe of(String model, Task task, ArchitectureRecipe architecture) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * This recipe with another optimizer.
   *
   * @param newOptimizer the optimizer
   * @return a new recipe
   */
  public Recipe withOptimizer(OptimizerRecipe newOptimizer) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * This recipe with other data.
   *
   * @param newData the data
   * @return a new recipe
   */
  public Recipe withData(DataRecipe newData) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * This recipe with another length.
   *
   * @param newEpochs how often each example is seen
   * @param newBatch examples per step
   * @return a new recipe
   */
  public Recipe withEpochs(int newEpochs, int newBatch) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * This recipe with another seed.
   *
   * @param newSeed the seed
   * @return a new recipe
   */
  public Recipe withSeed(long newSeed) {
    throw new UnsupportedOperationException("coming");
  }
}
