package dev.lathe.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One side of a comparison in a process of its own. It first says its version; then, told a number
 * of seconds, it works as long and says its milliseconds per step; told {@code memory}, it says the
 * most MiB it ever had resident.
 */
final class StepPeer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter orders;
  private final String version;
  private final List<Double> cpuPerStep = new ArrayList<>();

  private StepPeer(Process process, BufferedReader answers, String version) {
    this.process = process;
    this.answers = answers;
    this.orders = process.outputWriter();
    this.version = version;
  }

  /** Lathe in a JVM of its own. */
  static StepPeer lathe(Work work) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseCompactObjectHeaders",
            "-Xmx256m",
            "-classpath",
            System.getProperty("java.class.path"),
            StepProcess.class.getName());
    return start(command, work)
        .orElseThrow(() -> new IllegalStateException(work + ": the step did not start"));
  }

  /** PyTorch, where a Python has it. */
  static Optional<StepPeer> torch(Work work) {
    Path script = script();
    return pythons()
        .flatMap(python -> start(List.of(python, script.toString()), work).stream())
        .findFirst();
  }

  private static Optional<StepPeer> start(List<String> program, Work work) {
    List<String> command = new ArrayList<>(program);
    command.addAll(work.arguments());
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      BufferedReader answers = process.inputReader();
      String version = answers.readLine();
      if (version == null) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return Optional.of(new StepPeer(process, answers, version));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Path script() {
    try (InputStream text = StepPeer.class.getResourceAsStream("torch_steps.py")) {
      Path script = Files.createTempFile("torch", ".py");
      script.toFile().deleteOnExit();
      Files.copy(Objects.requireNonNull(text), script, StandardCopyOption.REPLACE_EXISTING);
      return script;
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

  /** What it says of itself. */
  String version() {
    return version;
  }

  double millisPerStep(double seconds) {
    Duration before = cpu();
    double millis = ask(String.valueOf(seconds));
    cpuPerStep.add(cpu().minus(before).toNanos() / 1e6 * millis / (seconds * 1e3));
    return millis;
  }

  /** Milliseconds of all its threads' processor time per step, of the last so many measurements. */
  double[] cpuMillisPerStep(int last) {
    return cpuPerStep.stream()
        .skip(cpuPerStep.size() - (long) last)
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  private Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  double peakMebibytes() {
    return ask("memory");
  }

  private double ask(String order) {
    try {
      orders.write(order + "\n");
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IllegalStateException("the process ended: " + process.info().commandLine());
      }
      return Double.parseDouble(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
