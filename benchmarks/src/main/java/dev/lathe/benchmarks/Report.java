package dev.lathe.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A table under a heading that says where and with what it was measured. */
public final class Report {
  private final List<String> lines = new ArrayList<>();

  /**
   * A report without figures yet.
   *
   * @param title what was measured
   * @param how what was done, and how to do it again
   */
  public Report(String title, String how) {
    lines.add("# " + title);
    lines.add("");
    lines.add(how);
    lines.add("");
    lines.add("- date: " + LocalDate.now());
    lines.add(
        "- machine: " + processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
    lines.add("- commit: " + output("git", "rev-parse", "--short", "HEAD"));
    lines.add("- JDK: " + Runtime.version());
  }

  /**
   * Adds a line to what is known of the circumstances.
   *
   * @param name what
   * @param value how much
   * @return this
   */
  public Report fact(String name, String value) {
    lines.add("- " + name + ": " + value);
    return this;
  }

  /**
   * Begins another part.
   *
   * @param title what it shows
   * @return this
   */
  public Report section(String title) {
    lines.addAll(List.of("", "## " + title));
    return this;
  }

  /**
   * Begins a table.
   *
   * @param cells the columns' names
   * @return this
   */
  public Report header(String... cells) {
    lines.add("");
    row(cells);
    lines.add("|" + " --- |".repeat(cells.length));
    return this;
  }

  /**
   * Adds a line to the table.
   *
   * @param cells its cells
   * @return this
   */
  public Report row(String... cells) {
    lines.add("| " + String.join(" | ", cells) + " |");
    return this;
  }

  /**
   * Prints the report and keeps it.
   *
   * @param file where
   */
  public void write(Path file) {
    System.out.print(text());
    keep(file);
  }

  /**
   * Keeps what is known so far, so that a run that is cut off leaves its figures.
   *
   * @param file where
   */
  public void keep(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String text() {
    return String.join("\n", lines) + "\n";
  }

  /**
   * How many threads of the whole machine wanted to run in the last one, five, 15 minutes.
   *
   * @return three numbers
   */
  public static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).replaceAll("(\\S+ \\S+ \\S+)[^$]*", "$1");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String processor() {
    try (var info = Files.lines(Path.of("/proc/cpuinfo"))) {
      return info.filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static String output(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes()).strip();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? text : "unknown";
    } catch (IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }
}
