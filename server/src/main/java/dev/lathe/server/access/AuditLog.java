package dev.lathe.server.access;

import dev.lathe.server.ApiJson;
import dev.lathe.server.AuditConfig;
import dev.lathe.server.Right;
import dev.lathe.server.observe.LineFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who was let in to what, and who was not: a JSON document a line. It has callers' names and never
 * what they sent to prove them. Lines that come faster than they can be written are counted, and
 * the count is the next line.
 */
final class AuditLog implements AutoCloseable {
  private static final int LONGEST_TEXT = 300;
  private static final Duration INTERVAL = Duration.ofMinutes(1);
  private static final Ask NOTHING = new Ask(Right.NONE, "", "", "");

  private final LineFile lines;
  private final Clock clock;
  private final AuditConfig.Level level;
  private final Denials denials = new Denials();
  private final AtomicLong told = new AtomicLong();
  private final ScheduledExecutorService intervals =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lathe-audit").factory());

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
   * @param decision {@code allowed}, or the error's code in small letters; {@code dropped} for
   *     lines that are missing before this one
   * @param count how many decisions the line stands for
   */
  record Line(
      Instant time,
      String request,
      String caller,
      String right,
      String model,
      String what,
      String peer,
      String decision,
      long count) {}

  AuditLog(Path data, AuditConfig config, AuditConfig.Level level, Clock clock) {
    this.lines =
        new LineFile(
            config.file().orElse(data.resolve("access").resolve("audit.log")), config.size());
    this.level = level;
    this.clock = clock;
    if (level != AuditConfig.Level.OFF) {
      intervals.scheduleWithFixedDelay(
          this::tell, INTERVAL.toNanos(), INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Whether anything is written. */
  boolean isOn() {
    return level != AuditConfig.Level.OFF;
  }

  /** Lines that were not written. */
  long dropped() {
    return lines.dropped();
  }

  void allowed(String request, Caller caller, Ask ask) {
    if (level == AuditConfig.Level.ALL
        || level == AuditConfig.Level.CHANGES && changes(ask.right())) {
      write(request, new Decided(caller.name(), ask, "allowed", 1));
    }
  }

  void denied(String request, String caller, Ask ask, String decision) {
    if (isOn() && denials.isFirst(new Denials.Key(ask.peer(), caller, decision), ask)) {
      write(request, new Decided(caller, ask, decision, 1));
    }
  }

  private static boolean changes(Right right) {
    return switch (right) {
      case TRAIN, DEPLOY, PUSH, ADMIN -> true;
      case NONE, KNOWN, INFER, READ, PULL, METRICS -> false;
    };
  }

  /** Writes what was gathered, and how much was dropped. */
  private void tell() {
    for (Denials.Gathered again : denials.end()) {
      Denials.Key key = again.key();
      Ask last = again.last();
      Ask at = new Ask(last.right(), last.model(), last.what(), key.peer());
      write("", new Decided(key.caller(), at, key.decision(), again.count()));
    }
    tellDropped();
  }

  private void tellDropped() {
    long before = told.get();
    long now = lines.dropped();
    if (now > before
        && told.compareAndSet(before, now)
        && !append("", new Decided("", NOTHING, "dropped", now - before))) {
      // The line that tells of the others was dropped as well, and is told of later.
      told.addAndGet(before - now);
    }
  }

  /** What was decided of somebody's asking, so many times. */
  private record Decided(String caller, Ask ask, String decision, long count) {}

  private void write(String request, Decided decided) {
    if (append(request, decided)) {
      tellDropped();
    }
  }

  private boolean append(String request, Decided decided) {
    Ask ask = decided.ask();
    Line line =
        new Line(
            clock.instant(),
            request,
            decided.caller(),
            ask.right().word(),
            shortened(ask.model()),
            shortened(ask.what()),
            ask.peer(),
            decided.decision(),
            decided.count());
    return lines.append(() -> new String(ApiJson.bytes(line), StandardCharsets.UTF_8));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
  }

  /** Waits until what was decided is in the file. */
  void flush() {
    if (!isOn()) {
      return;
    }
    lines.flush();
    tell();
    lines.flush();
  }

  @Override
  public void close() {
    intervals.shutdownNow();
    flush();
    lines.close();
  }
}
