package dev.lathe.train;

import dev.lathe.ir.LatheException;
import dev.lathe.train.data.Preparing;
import dev.lathe.train.loop.Plan;
import dev.lathe.train.loop.Recording;
import dev.lathe.train.loop.RunFolder;
import dev.lathe.train.loop.TrainingLoop;
import dev.lathe.train.loop.TrainingLoop.Watch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * One run of a recipe in a directory of its own, which holds the recipe and the checkpoints.
 *
 * <p>A run that was stopped or killed at any step and resumed ends with the same weights, bit for
 * bit, as one that was not.
 */
public final class TrainingRun {
  private final Plan plan;
  private final RunFolder folder;

  private TrainingRun(Plan plan, RunFolder folder) {
    this.plan = plan;
    this.folder = folder;
  }

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
    return start(recipe, directory, new CancelToken());
  }

  /**
   * Prepares a new run, as long as somebody wants it.
   *
   * @param recipe what to do
   * @param directory the run's own directory, made if absent
   * @param cancel asks for a stop while the data is read
   * @return the run, not begun
   * @throws dev.lathe.ir.LatheException CANCELLED, and as {@link #start(Recipe, Path)}
   */
  public static TrainingRun start(Recipe recipe, Path directory, CancelToken cancel) {
    return begin(Plan.of(recipe, Preparing.of(recipe, cancel)), directory);
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
    return begin(Plan.of(recipe, Preparing.of(recipe, data)), directory);
  }

  private static TrainingRun begin(Plan plan, Path directory) {
    RunFolder folder = new RunFolder(directory);
    folder.begin(plan.recipe());
    return new TrainingRun(plan, folder);
  }

  /**
   * Prepares to continue a run from its newest checkpoint, or from the beginning if it has none.
   *
   * @param directory the run's directory
   * @return the run
   * @throws dev.lathe.ir.LatheException RUN_NOT_FOUND, CHECKPOINT_MISMATCH if the data has changed
   */
  public static TrainingRun resume(Path directory) {
    RunFolder folder = new RunFolder(directory);
    return resumed(folder, folder.recipe(), new CancelToken());
  }

  /**
   * Prepares to continue a run, as long as somebody wants it.
   *
   * @param directory the run's directory
   * @param cancel asks for a stop while the data is read
   * @return the run
   * @throws dev.lathe.ir.LatheException CANCELLED, and as {@link #resume(Path)}
   */
  public static TrainingRun resume(Path directory, CancelToken cancel) {
    RunFolder folder = new RunFolder(directory);
    return resumed(folder, folder.recipe(), cancel);
  }

  private static TrainingRun resumed(RunFolder folder, Recipe recipe, CancelToken cancel) {
    return new TrainingRun(Plan.of(recipe, Preparing.of(recipe, cancel)), folder);
  }

  /**
   * Prepares to continue a run whose base is a version.
   *
   * @param directory the run's directory
   * @param base the version and its files, the same as at the start
   * @param cancel asks for a stop while the data is read
   * @return the run
   * @throws dev.lathe.ir.LatheException CANCELLED, and as {@link #resume(Path)}
   */
  public static TrainingRun resume(
      Path directory, ArchitectureRecipe.Base base, CancelToken cancel) {
    RunFolder folder = new RunFolder(directory);
    return resumed(folder, folder.recipe().withBase(base), cancel);
  }

  /**
   * Prepares to continue a run on examples in memory.
   *
   * @param directory the run's directory
   * @param data the same examples as at the start
   * @return the run
   */
  public static TrainingRun resume(Path directory, Dataset data) {
    RunFolder folder = new RunFolder(directory);
    Recipe recipe = folder.recipe();
    return new TrainingRun(Plan.of(recipe, Preparing.of(recipe, data)), folder);
  }

  /**
   * Writes down what this run will do from its beginning, for another program that is to do the
   * same: {@code initial.safetensors} with the first weights, {@code batches.safetensors} with
   * {@code train.I.COLUMN} for each batch I from 0, {@code validation.I.COLUMN} likewise and {@code
   * rates}, the learning rate of each step, FLOAT [steps]; and what belongs beside the model.
   *
   * @param into a folder, made if absent
   * @throws dev.lathe.ir.LatheException TOO_LARGE for more than 4 GiB, STORAGE if it cannot be
   *     written
   */
  public void record(Path into) {
    Recording.write(plan, into);
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
    try (FileChannel _ = folder.lock();
        TrainingLoop loop =
            new TrainingLoop(plan, folder, new Watch(listener, cancel, System::nanoTime))) {
      return loop.run();
    } catch (IOException e) {
      throw new LatheException(TrainError.STORAGE, "run " + folder + ": cannot be unlocked", e);
    }
  }
}
