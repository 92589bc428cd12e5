package dev.lathe.benchmarks;

import dev.lathe.benchmarks.serving.Serve;
import java.nio.file.Path;

/** Runs one benchmark by name and writes its table to {@code results/}. */
public final class Benchmarks {
  private Benchmarks() {}

  /**
   * The entry.
   *
   * @param arguments the benchmark's name
   */
  public static void main(String[] arguments) {
    String name = arguments.length == 1 ? arguments[0] : "";
    Path results = Path.of("results");
    switch (name) {
      case "train" -> TrainStep.run(Effort.FULL).write(results.resolve("train-step.md"));
      case "serve" -> Serve.run(Effort.FULL).write(results.resolve("serve.md"));
      case "csv" -> StreamCsv.run(2_000_000_000L).write(results.resolve("csv-stream.md"));
      case "translation" ->
          Translation.run(
                  Path.of("../examples/multi30k.yaml"), System.getProperty("lathe.bench.only", ""))
              .write(results.resolve("translation.md"));
      default -> {
        System.err.println("usage: benchmarks/run train|serve|csv|translation");
        System.exit(2);
      }
    }
    System.exit(0);
  }
}
