package dev.lathe.checks.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The launcher as a user types it. */
public final class Product {
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /**
   * What a command left behind.
   *
   * @param exit its exit code
   * @param out standard output
   * @param err standard error
   */
  public record Result(int exit, String out, String err) {
    /** Fails with everything that was printed if the exit code is another. */
    public Result expect(int expected) {
      if (exit != expected) {
        throw new AssertionError(
            "exit code " + exit + " (expected: " + expected + ")\n" + out + "\n" + err);
      }
      return this;
    }
  }

  private final Path folder;

  /**
   * A product run from a folder of its own.
   *
   * @param folder the working directory of every command
   */
  public Product(Path folder) {
    this.folder = folder;
  }

  /** Runs a command to its end. */
  public Result run(String... arguments) {
    return run(command(arguments));
  }

  /** Runs any program to its end, such as git. */
  public Result run(List<String> command) {
    try {
      Path out = Files.createTempFile(folder, "out", ".txt");
      Path err = Files.createTempFile(folder, "err", ".txt");
      Process process =
          builder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("no end after " + PATIENCE + ": " + command);
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts a command and leaves it running; what it prints goes to the file. */
  public Process start(Path printed, String... arguments) {
    try {
      Process process =
          builder(command(arguments))
              .redirectErrorStream(true)
              .redirectOutput(printed.toFile())
              .start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a server on a free port, with more arguments or none, and waits until it answers. */
  public Server serve(Path data, String... more) {
    try {
      Path printed = Files.createTempFile(folder, "serve", ".txt");
      List<String> arguments = new ArrayList<>(List.of("serve", "--data", data.toString()));
      arguments.addAll(List.of("--port", "0"));
      arguments.addAll(List.of(more));
      Process process = start(printed, arguments.toArray(String[]::new));
      return new Server(process, address(process, printed), printed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String address(Process process, Path printed) throws IOException {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (System.nanoTime() < deadline) {
      Matcher matcher = ADDRESS.matcher(Files.readString(printed));
      if (matcher.find() && !matcher.group(1).equals("0")) {
        return matcher.group();
      }
      try {
        if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    process.destroyForcibly();
    throw new AssertionError("the server printed no address:\n" + Files.readString(printed));
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("NO_COLOR", "1");
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    return builder;
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static Path launcher() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(folder.resolve("lathe"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no launcher above the working directory");
      }
    }
    return folder.resolve("lathe");
  }

  /**
   * A running server.
   *
   * @param process the process
   * @param address where it answers, without a slash at the end
   * @param printed what it printed so far
   */
  public record Server(Process process, String address, Path printed) implements AutoCloseable {
    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("the server did not stop within 30 s of SIGTERM");
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
