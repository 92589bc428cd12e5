package dev.lathe.benchmarks.serving;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that is watched from outside: CPU time, resident memory, threads and open files, from
 * Linux' {@code /proc}. It is pinned to one core if {@code taskset} is there and there are two.
 */
public final class Watched implements AutoCloseable {
  private static final double TICKS_PER_SECOND = 100;
  private static final long STOP_SECONDS = 20;
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private final Process process;
  private final BufferedReader answers;

  private Watched(Process process) {
    this.process = process;
    this.answers = process.inputReader();
  }

  /** A Java program on this class path. */
  static Watched java(List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseCompactObjectHeaders");
    command.addAll(options);
    command.addAll(List.of("-classpath", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return start(command, Map.of())
        .orElseThrow(() -> new IllegalStateException("cannot run " + command.getFirst()));
  }

  /** Any program on the first core; empty if it cannot be started. */
  static Optional<Watched> start(List<String> command, Map<String, String> environment) {
    List<String> pinned = new ArrayList<>();
    if (isPinned()) {
      pinned.addAll(List.of("taskset", "-c", "0"));
    }
    pinned.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(pinned).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    try {
      return Optional.of(new Watched(builder.start()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Moves this program to the second core, away from what it watches. */
  static void stepAside() {
    if (isPinned()) {
      String self = String.valueOf(ProcessHandle.current().pid());
      try {
        new ProcessBuilder("taskset", "-acp", "1", self).start().waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean isPinned() {
    return CORES > 1 && Files.isExecutable(Path.of("/usr/bin/taskset"));
  }

  /** The next line that it prints; empty at its end. */
  Optional<String> line() {
    try {
      return Optional.ofNullable(answers.readLine());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Reads and forgets what it prints from now on, so that it never has to wait for a reader. */
  void ignoreRest() {
    Thread.ofVirtual().start(() -> answers.lines().forEach(line -> {}));
  }

  /** Tells it a line. */
  void tell(String line) {
    try {
      var out = process.outputWriter();
      out.write(line + "\n");
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Seconds of CPU time so far, all threads, user and system. */
  double cpuSeconds() {
    String stat = read("stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Has a Java program collect its garbage, so that what is resident is in use. */
  public void collect() {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    String self = String.valueOf(process.pid());
    try {
      new ProcessBuilder(tool.toString(), self, "GC.run")
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Memory that it has resident.
   *
   * @return bytes
   */
  public long residentBytes() {
    return 1024 * status("VmRSS");
  }

  /**
   * Threads of the system that it has.
   *
   * @return how many
   */
  public long threads() {
    return status("Threads");
  }

  /**
   * Files and connections that it has open.
   *
   * @return how many
   */
  public long openFiles() {
    try (Stream<Path> files = Files.list(proc("fd"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as a power cut would. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  private long status(String key) {
    return read("status")
        .lines()
        .filter(line -> line.startsWith(key + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + key + " of a process"));
  }

  private String read(String file) {
    try {
      return Files.readString(proc(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path proc(String file) {
    return Path.of(String.format(Locale.ROOT, "/proc/%d/%s", process.pid(), file));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
