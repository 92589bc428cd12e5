package dev.lathe.train;

import java.nio.file.Path;

/**
 * One run of a recipe in a directory of its own, which holds the recipe and the checkpoints.
 *
 * <p>A run that was stopped or killed at any step and resumed ends with the same weights, bit for
 * bit, as one that was not.
 */
public final class TrainingRun {
  private TrainingRun() {}

  /**
   * Prepares a new run: reads the data, builds the graphs, refuses what cannot work.
   *
   * @param recipe what to do
   * @param directory the run's own directory, made if absent
   * @return the run, not begun
   * @throws dev.lathe.ir.LatheException RUN_EXISTS if the directory holds a run; whatever is wrong
   *     with recipe or data
   */
  public static TrainingRun start(Recipe recipe, Path directory) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * Prepares a new run on examples in memory.
   *
   * @param recipe what to do; its data says only how to prepare
   * @param data the examples
   * @param directory the run's own directory, made if absent
   * @return the run, not begun
   */
  public static TrainingRun start(Recipe recipe, Dataset data, Path directory) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * Prepares to continue a run from its newest checkpoint, or from the beginning if it has none.
   *
   * @param directory the run's directory
   * @return the run
   * @throws dev.lathe.ir.LatheException RUN_NOT_FOUND, CHECKPOINT_MISMATCH if the data has changed
   */
  public static TrainingRun resume(Path directory) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * Prepares to continue a run on examples in memory.
   *
   * @param directory the run's directory
   * @param data the same examples as at the start
   * @return the run
   */
  public static TrainingRun resume(Path directory, Dataset data) {
    throw new UnsupportedOperationException("coming");
  }

  /**
   * Runs to the end. When cancelled, it writes a checkpoint first.
   *
   * @param listener hears the progress
   * @param cancel asks for a stop
   * @return what was made
   * @throws dev.lathe.ir.LatheException CANCELLED when asked to stop; DIVERGED naming the step
   */
  public TrainingResult run(TrainingListener listener, CancelToken cancel) {
    throw new UnsupportedOperationException("coming");
  }
}
