package dev.lathe.benchmarks;

import dev.lathe.benchmarks.generating.AdapterForms;
import dev.lathe.benchmarks.generating.Generate;
import dev.lathe.benchmarks.generating.Masks;
import dev.lathe.benchmarks.generating.Prefixes;
import dev.lathe.benchmarks.generating.QuantizedForms;
import dev.lathe.benchmarks.generating.Scale;
import dev.lathe.benchmarks.generating.Storm;
import dev.lathe.benchmarks.serving.Cycles;
import dev.lathe.benchmarks.serving.Overload;
import dev.lathe.benchmarks.serving.Serve;
import dev.lathe.benchmarks.serving.Soak;
import java.nio.file.Path;
import java.util.Map;

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
      case "train" -> TrainStep.run(Effort.STEPS).write(results.resolve("train-step.md"));
      case "serve" -> serve(results.resolve("serve.md"));
      case "overload" -> Overload.run(120).write(results.resolve("overload.md"));
      case "cycles" -> Cycles.run(1000).write(results.resolve("cycles.md"));
      case "soak" -> Soak.run(60 * minutes(30)).write(results.resolve("soak.md"));
      case "storm" -> Storm.run(60 * minutes(15)).write(results.resolve("storm.md"));
      case "csv" -> StreamCsv.run(2_000_000_000L).write(results.resolve("csv-stream.md"));
      case "translation" ->
          Translation.run(
                  Path.of("../examples/multi30k.yaml"), System.getProperty("lathe.bench.only", ""))
              .write(results.resolve("translation.md"));
      case "generate" -> Generate.run(scale(), 3).write(results.resolve("generate.md"));
      case "masks" -> Masks.run(128_000).write(results.resolve("masks.md"));
      case "prefixes" ->
          Prefixes.run(Map.of("5·10⁶ weights", Scale.SMALL), 5)
              .write(results.resolve("prefixes.md"));
      case "forms" -> QuantizedForms.run(shared()).write(results.resolve("quantized-forms.md"));
      case "adapters" -> AdapterForms.run().write(results.resolve("adapters.md"));
      default -> {
        System.err.println(
            "usage: benchmarks/run"
                + " train|serve|overload|cycles|soak|storm|csv|translation|generate|masks|prefixes|forms|adapters");
        System.exit(2);
      }
    }
    System.exit(0);
  }

  private static void serve(Path file) {
    Serve.run(Effort.FULL, System.getProperty("lathe.bench.only", ""), file).write(file);
  }

  private static Scale scale() {
    return System.getProperty("lathe.bench.only", "").equals("smoke") ? Scale.SMOKE : Scale.BILLION;
  }

  private static Path shared() {
    return Path.of(System.getProperty("lathe.shared", "../../shared"));
  }

  private static int minutes(int usual) {
    String wanted = System.getProperty("lathe.bench.only", "");
    return wanted.isEmpty() ? usual : Integer.parseInt(wanted);
  }
}
