package dev.lathe.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Training on a CSV file that is much larger than the heap. */
final class StreamCsv {
  private static final String HEAP = "256m";

  private StreamCsv() {}

  /** Writes a file of some bytes, trains on it in processes of their own, and removes it. */
  static Report run(long bytes) {
    Report report =
        new Report(
            "Training on a CSV file larger than memory",
            "A generated file of 20 numbers and a class per record, read from the file in every"
                + " epoch; the window is 64 MiB outside the heap. The first pass counts, takes"
                + " mean and spread of each column and the SHA-256 of the file; the epoch reads,"
                + " shuffles and trains (SGD, batch 256) and ends with the released model. Seconds are by the clock of a"
                + " machine that may be shared, and of the processor."
                + " Reproduce: `benchmarks/run csv`.");
    try {
      Path folder = Files.createTempDirectory("lathe-csv");
      try {
        Path file = folder.resolve("large.csv");
        long records = CsvFile.write(file, bytes);
        long size = Files.size(file);
        report.fact("file", number(size / 1e9) + " GB, " + records + " records");
        report.fact("heap", "-Xmx" + HEAP);
        report.header(
            "network",
            "first pass, s",
            "of processor, s",
            "MB per s of processor",
            "epoch, s",
            "of processor, s",
            "records/s",
            "training accuracy",
            "peak resident, MiB");
        for (String network : List.of("{ kind: linear }", "{ kind: mlp, hidden: [64, 32] }")) {
          report.row(row(folder, network, size, records));
        }
      } finally {
        remove(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return report;
  }

  private static String[] row(Path folder, String network, long size, long records)
      throws IOException {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        model: bench/csv
        task: classification
        data:
          { format: csv, header: true, train: large.csv, label: class, window: 64,
            normalize: standard }
        architecture: %s
        optimizer: { kind: sgd, learning_rate: 0.05 }
        epochs: 1
        batch: 256
        checkpoint: { every: 100000 }
        """
            .formatted(network));
    String[] cells = child(recipe, folder.resolve("run" + network.hashCode())).split(" ");
    double[] told = Stream.of(cells).mapToDouble(Double::parseDouble).toArray();
    return new String[] {
      network,
      number(told[0]),
      number(told[1]),
      number(size / 1e6 / told[1]),
      number(told[2]),
      number(told[3]),
      number(records / told[2]),
      number(told[4]),
      number(told[5])
    };
  }

  private static String child(Path recipe, Path run) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseCompactObjectHeaders",
            "-Xmx" + HEAP,
            "-cp",
            System.getProperty("java.class.path"),
            StreamProcess.class.getName(),
            recipe.toString(),
            run.toString());
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] printed = process.getInputStream().readAllBytes();
    return new String(printed, StandardCharsets.UTF_8).strip();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
