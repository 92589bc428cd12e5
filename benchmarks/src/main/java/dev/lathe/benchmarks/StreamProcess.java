package dev.lathe.benchmarks;

import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;

/** Trains on a CSV file and prints how it went: one process of {@link StreamCsv}. */
final class StreamProcess {
  private StreamProcess() {}

  /**
   * Prints seconds of the first pass, seconds of an epoch, steps, test accuracy, peak of memory.
   *
   * @param arguments the recipe and a folder for the run
   */
  public static void main(String[] arguments) throws IOException {
    long began = System.nanoTime();
    TrainingRun run = TrainingRun.start(Recipe.read(Path.of(arguments[0])), Path.of(arguments[1]));
    long looked = System.nanoTime();
    TrainingResult result = run.run(TrainingListener.SILENT, new CancelToken());
    long trained = System.nanoTime();
    System.out.println(
        (looked - began) / 1e9
            + " "
            + (trained - looked) / 1e9
            + " "
            + result.steps()
            + " "
            + result.metrics().get("train_accuracy")
            + " "
            + StepProcess.peakMebibytes());
  }
}
