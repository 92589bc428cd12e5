package dev.lathe.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A Python with the peers that a test compares with: {@code -Dlathe.python}, {@code LATHE_PYTHON},
 * {@code target/python} of the project (made by {@code .ci/run}), or {@code python3} on the path.
 */
public final class Python {
  private Python() {}

  /**
   * An interpreter that can import some modules; the calling test is skipped where there is none.
   *
   * @param modules modules that must import
   * @return the command
   */
  public static String with(String... modules) {
    String imports = "import " + String.join(", ", modules);
    return candidates()
        .filter(python -> runs(python, imports))
        .findFirst()
        .orElseThrow(
            () ->
                new TestAbortedException(
                    "skipped: no python3 can \"" + imports + "\" (set LATHE_PYTHON)"));
  }

  /**
   * Runs a script and gives what it printed.
   *
   * @param python the interpreter
   * @param script the program text
   * @param arguments what the script finds in {@code sys.argv[1:]}
   * @return standard output and error
   * @throws IllegalStateException if it fails, with what it printed
   */
  public static String run(String python, String script, Path... arguments) {
    try {
      Path file = Files.createTempFile("peer", ".py");
      Path printed = Files.createTempFile("peer", ".txt");
      try {
        Files.writeString(file, script);
        List<String> command =
            Stream.concat(
                    Stream.of(python, file.toString()), Stream.of(arguments).map(Path::toString))
                .toList();
        int exit = exitOf(command, printed);
        String text = Files.readString(printed, StandardCharsets.UTF_8);
        if (exit != 0) {
          throw new IllegalStateException("python exited with " + exit + ": " + text);
        }
        return text;
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(printed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A script that lies beside a test's class.
   *
   * @param test the class
   * @param name the script's file name
   * @return its text
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if there is none
   */
  public static String script(Class<?> test, String name) throws IOException {
    try (InputStream in = test.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no script " + name + " beside " + test);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Stream<String> candidates() {
    Stream<String> told =
        Stream.of(
                Optional.ofNullable(System.getProperty("lathe.python")),
                Optional.ofNullable(System.getenv("LATHE_PYTHON")))
            .flatMap(Optional::stream);
    return Stream.concat(told, Stream.concat(ours(), Stream.of("python3")));
  }

  private static Stream<String> ours() {
    Path module = Path.of("").toAbsolutePath();
    return Stream.of(module, Optional.ofNullable(module.getParent()).orElse(module))
        .map(folder -> folder.resolve("target/python/bin/python3"))
        .filter(Files::isExecutable)
        .map(Path::toString);
  }

  private static boolean runs(String python, String statement) {
    try {
      Path printed = Files.createTempFile("peer", ".txt");
      try {
        return exitOf(List.of(python, "-c", statement), printed) == 0;
      } finally {
        Files.deleteIfExists(printed);
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static int exitOf(List<String> command, Path printed) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    try {
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("no end after five minutes: " + command);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
