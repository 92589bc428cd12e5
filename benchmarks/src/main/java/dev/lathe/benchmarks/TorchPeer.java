package dev.lathe.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** PyTorch in a process of its own, told when to run a block; not there if no Python has it. */
final class TorchPeer implements AutoCloseable {
  private final @Nullable Process process;
  private final @Nullable BufferedReader answers;
  private final @Nullable BufferedWriter orders;
  private final String version;

  private TorchPeer(
      @Nullable Process process,
      @Nullable BufferedReader answers,
      @Nullable BufferedWriter orders,
      String version) {
    this.process = process;
    this.answers = answers;
    this.orders = orders;
    this.version = version;
  }

  static TorchPeer start(TrainStep.Work work) {
    return pythons()
        .flatMap(python -> start(python, work).stream())
        .findFirst()
        .orElseGet(() -> new TorchPeer(null, null, null, "not here"));
  }

  private static Optional<TorchPeer> start(String python, TrainStep.Work work) {
    try {
      Path script = Files.createTempFile("torch", ".py");
      script.toFile().deleteOnExit();
      try (InputStream text = TorchPeer.class.getResourceAsStream("torch_steps.py")) {
        Files.copy(
            java.util.Objects.requireNonNull(text), script, StandardCopyOption.REPLACE_EXISTING);
      }
      String sizes = String.join(",", work.sizes().stream().map(String::valueOf).toList());
      Process process =
          new ProcessBuilder(
                  List.of(
                      python,
                      script.toString(),
                      sizes,
                      String.valueOf(work.batch()),
                      work.optimizer()))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      BufferedReader answers = process.inputReader();
      String version = answers.readLine();
      if (version == null) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return Optional.of(new TorchPeer(process, answers, process.outputWriter(), version));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** PyTorch's version, for the report. */
  String version() {
    return version;
  }

  boolean isThere() {
    return process != null;
  }

  double millisPerStep(double seconds) {
    if (orders == null || answers == null) {
      return Double.NaN;
    }
    try {
      orders.write(seconds + "\n");
      orders.flush();
      return Double.parseDouble(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> pythons() {
    return Stream.of(
            Optional.ofNullable(System.getenv("LATHE_PYTHON")),
            Optional.of("../target/python/bin/python3"),
            Optional.of("python3"))
        .flatMap(Optional::stream);
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroy();
    }
  }
}
