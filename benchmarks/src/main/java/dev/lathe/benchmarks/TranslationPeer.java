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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** PyTorch that trains the recorded run in a process of its own, as many steps as it is told. */
final class TranslationPeer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter orders;
  private final String version;

  private TranslationPeer(Process process, String version, BufferedReader answers) {
    this.process = process;
    this.answers = answers;
    this.orders = process.outputWriter();
    this.version = version;
  }

  /** Starts where a Python has what the script needs. */
  static Optional<TranslationPeer> start(Path recording, int threads) {
    return Stream.of(
            Optional.ofNullable(System.getenv("LATHE_PYTHON")),
            Optional.of("../target/python/bin/python3"),
            Optional.of("python3"))
        .flatMap(Optional::stream)
        .flatMap(python -> start(python, recording, threads).stream())
        .findFirst();
  }

  private static Optional<TranslationPeer> start(String python, Path recording, int threads) {
    try (InputStream text = TranslationPeer.class.getResourceAsStream("torch_translation.py")) {
      Path script = Files.createTempFile("torch", ".py");
      script.toFile().deleteOnExit();
      Files.copy(Objects.requireNonNull(text), script, StandardCopyOption.REPLACE_EXISTING);
      List<String> command =
          List.of(python, script.toString(), recording.toString(), String.valueOf(threads));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      // Its threads wait without spinning, as ours do: beside other work they would only take cores
      // from those that they wait for.
      builder.environment().put("OMP_WAIT_POLICY", "passive");
      Process process = builder.start();
      BufferedReader answers = process.inputReader();
      String version = answers.readLine();
      return version == null
          ? Optional.empty()
          : Optional.of(new TranslationPeer(process, version, answers));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What it says of itself. */
  String version() {
    return version;
  }

  /** Trains; gives the seconds of wall clock and of processor. */
  double[] train(long steps) {
    return ask(String.valueOf(steps));
  }

  /** Gives its loss of the validation part, its BLEU, and sacreBLEU's of a file. */
  double[] test(Path translations) {
    return ask("test " + translations);
  }

  private double[] ask(String order) {
    try {
      orders.write(order + "\n");
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IllegalStateException("the process ended: " + process.info().commandLine());
      }
      return Stream.of(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
