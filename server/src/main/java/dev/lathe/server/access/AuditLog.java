package dev.lathe.server.access;

import dev.lathe.server.ApiJson;
import dev.lathe.server.Right;
import dev.lathe.server.observe.LineFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;

/**
 * Who was let in to what, and who was not: a JSON document a line. It has callers' names and never
 * what they sent to prove them.
 */
final class AuditLog implements AutoCloseable {
  private static final LineFile.Size SIZE = new LineFile.Size(16 << 20, 7);
  private static final int LONGEST_TEXT = 300;

  private final LineFile lines;
  private final Clock clock;
  private final Level level;

  /** What is written. */
  enum Level {
    /** Nothing. */
    OFF,
    /** What is denied, and what changes something. */
    CHANGES,
    /** Every decision. */
    ALL
  }

  /**
   * A line.
   *
   * @param time when
   * @param request the request's id
   * @param caller who; empty if that is not known
   * @param right what for
   * @param model which model; empty for all
   * @param what the method and path, or the remote procedure
   * @param peer the address that it came from
   * @param decision {@code allowed}, or the error's code in small letters
   */
  record Line(
      Instant time,
      String request,
      String caller,
      String right,
      String model,
      String what,
      String peer,
      String decision) {}

  AuditLog(Path data, Level level, Clock clock) {
    this.lines = new LineFile(data.resolve("access").resolve("audit.log"), SIZE);
    this.level = level;
    this.clock = clock;
  }

  void allowed(String request, Caller caller, Ask ask) {
    if (level == Level.ALL || level == Level.CHANGES && changes(ask.right())) {
      write(request, caller.name(), ask, "allowed");
    }
  }

  void denied(String request, String caller, Ask ask, String decision) {
    if (level != Level.OFF) {
      write(request, caller, ask, decision);
    }
  }

  private static boolean changes(Right right) {
    return switch (right) {
      case TRAIN, DEPLOY, PUSH, ADMIN -> true;
      case NONE, KNOWN, INFER, READ, PULL, METRICS -> false;
    };
  }

  private void write(String request, String caller, Ask ask, String decision) {
    Line line =
        new Line(
            clock.instant(),
            request,
            caller,
            ask.right().word(),
            shortened(ask.model()),
            shortened(ask.what()),
            ask.peer(),
            decision);
    lines.append(() -> new String(ApiJson.bytes(line), StandardCharsets.UTF_8));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
  }

  /** Waits until what was decided is in the file. */
  void flush() {
    lines.flush();
  }

  @Override
  public void close() {
    lines.close();
  }
}
