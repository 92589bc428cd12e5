package dev.lathe.benchmarks;

import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Trains on a CSV file and prints how it went: one process of {@link StreamCsv}. */
final class StreamProcess {
  private StreamProcess() {}

  /**
   * Prints seconds of the first pass and of an epoch, each by the clock and of the processor, the
   * training accuracy, and the peak of memory.
   *
   * @param arguments the recipe and a folder for the run
   */
  public static void main(String[] arguments) throws IOException {
    double[] began = seconds();
    TrainingRun run = TrainingRun.start(Recipe.read(Path.of(arguments[0])), Path.of(arguments[1]));
    double[] looked = seconds();
    TrainingResult result = run.run(TrainingListener.SILENT, new CancelToken());
    double[] trained = seconds();
    System.out.println(
        Stream.of(
                looked[0] - began[0],
                looked[1] - began[1],
                trained[0] - looked[0],
                trained[1] - looked[1],
                result.metrics().get("train_accuracy"),
                StepProcess.peakMebibytes())
            .map(String::valueOf)
            .collect(Collectors.joining(" ")));
  }

  /** The clock, and what this process has used of the processor; NaN where that is not told. */
  private static double[] seconds() {
    double used =
        ProcessHandle.current()
            .info()
            .totalCpuDuration()
            .map(time -> time.toNanos() / 1e9)
            .orElse(Double.NaN);
    return new double[] {System.nanoTime() / 1e9, used};
  }
}
