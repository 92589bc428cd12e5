package dev.lathe.registry;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java process with the tests' class path. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static ChildJvm start(Path folder, Class<?> main, String... arguments) throws IOException {
    Path argfile = Files.createTempFile(folder, "class-path", ".args");
    Files.writeString(argfile, "-cp \"" + System.getProperty("java.class.path") + "\"\n");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx128m", "-XX:+UseSerialGC"));
    command.add("@" + argfile);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(folder.resolve("child.log").toFile()).start());
  }

  /** Waits for the next line of its output; empty at the end. */
  String line() throws IOException {
    String line = output.readLine();
    return line == null ? "" : line;
  }

  /** All lines from here on; waits for the process to end its output. */
  List<String> rest() {
    return output.lines().toList();
  }

  /** Kills it, as {@code kill -9} does; what it printed before can still be read. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  int exit() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
