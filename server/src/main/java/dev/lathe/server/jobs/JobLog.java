package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.JobProgress;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What happened to a job in all its attempts, a line of JSON for each thing, in a file of its
 * folder. The number of lines is bounded; a disk that is full costs lines, not the job.
 */
public final class JobLog {
  private static final String FILE = "log.jsonl";
  private static final int MOST_PROGRESS = 5000;
  private static final int MOST_LINES = 10_000;
  private static final int LONGEST = 4000;
  private static final System.Logger LOG = System.getLogger(JobLog.class.getName());

  private final Path file;
  private int lines;
  private long step = -1;

  JobLog(Path folder) {
    this.file = folder.resolve(FILE);
    this.lines = read(folder).size();
  }

  /**
   * Something that happened.
   *
   * @param at when
   * @param state the state that the job came to; empty if it stayed in its own
   * @param message what was said; empty for none
   * @param progress how far the job came; empty if it came no further
   */
  public record Line(
      Instant at, Optional<String> state, String message, Optional<JobProgress> progress) {}

  synchronized void state(Instant now, String state, String message) {
    add(new Line(now, Optional.of(state), message, Optional.empty()), MOST_LINES);
  }

  synchronized void said(Instant now, String message) {
    add(new Line(now, Optional.empty(), message, Optional.empty()), MOST_LINES);
  }

  synchronized void progress(Instant now, JobProgress progress) {
    if (progress.step() != step) {
      step = progress.step();
      add(new Line(now, Optional.empty(), "", Optional.of(progress)), MOST_PROGRESS);
    }
  }

  /** A line begins with its break, so that what a crash cut off spoils no other. */
  private void add(Line line, int most) {
    if (lines >= most) {
      return;
    }
    lines++;
    Line told =
        line.message().length() <= LONGEST
            ? line
            : new Line(
                line.at(), line.state(), line.message().substring(0, LONGEST), line.progress());
    String text = "\n" + new String(ApiJson.bytes(told), StandardCharsets.UTF_8);
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "job log not written: " + e.getMessage());
    }
  }

  /**
   * Reads what happened.
   *
   * @param folder the job's folder
   * @return the oldest first; empty if nothing was written
   */
  public static List<Line> read(Path folder) {
    List<Line> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(folder.resolve(FILE))) {
      String text = reader.readLine();
      while (text != null && lines.size() <= MOST_LINES) {
        if (!text.isEmpty()) {
          parse(text).ifPresent(lines::add);
        }
        text = reader.readLine();
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "job log not read: " + e.getMessage());
    }
    return lines;
  }

  private static Optional<Line> parse(String text) {
    try {
      return Optional.of(ApiJson.read(text.getBytes(StandardCharsets.UTF_8), Line.class));
    } catch (LatheException e) {
      return Optional.empty();
    }
  }
}
