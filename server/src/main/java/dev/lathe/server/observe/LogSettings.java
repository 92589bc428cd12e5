package dev.lathe.server.observe;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.server.ServerError;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Filter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the process logs: the settings of Triton's logging extension, which doors show and change.
 * They act on the handlers of the root logger, and so on everything that is logged.
 *
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_logging.md">logging
 *     extension</a>
 */
public final class LogSettings {
  private static final Logger ROOT = Logger.getLogger("");
  private static final Logger OURS = Logger.getLogger("dev.lathe");
  private static final List<String> NAMES =
      List.of(
          "log_file", "log_info", "log_warning", "log_error", "log_verbose_level", "log_format");
  private static final String ISO = "ISO8601";
  private static final String USUAL = "default";

  private final List<Bound> handlers = new ArrayList<>();
  private final @Nullable Level usual = OURS.getLevel();
  private volatile Values values = new Values(true, true, true, 0, USUAL);

  private record Values(
      boolean info, boolean warning, boolean error, long verbose, String format) {}

  /** A handler as it was before. */
  private record Bound(
      Handler handler, Level level, @Nullable Filter filter, @Nullable Formatter formatter) {}

  /**
   * The settings in force.
   *
   * @return values by setting: a {@code String}, {@code Boolean} or {@code Long} each
   */
  public Map<String, Object> values() {
    Values now = values;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("log_file", "");
    all.put("log_info", now.info);
    all.put("log_warning", now.warning);
    all.put("log_error", now.error);
    all.put("log_verbose_level", now.verbose);
    all.put("log_format", now.format);
    return all;
  }

  /**
   * Changes some settings; all of them, or none if one is wrong.
   *
   * @param changes new values by setting: a {@code String}, {@code Boolean} or whole {@code Number}
   *     each
   * @return the settings then in force
   * @throws LatheException BAD_REQUEST for an unknown setting or a value that it cannot have
   */
  public synchronized Map<String, Object> change(Map<String, ?> changes) {
    Values next = values;
    for (Map.Entry<String, ?> change : changes.entrySet()) {
      next = changed(next, change.getKey(), change.getValue());
    }
    values = next;
    apply(next);
    return values();
  }

  /** Gives the process's loggers back as they were. */
  public synchronized void reset() {
    for (Bound bound : handlers) {
      bound.handler.setLevel(bound.level);
      bound.handler.setFilter(bound.filter);
      setFormatter(bound.handler, bound.formatter);
    }
    handlers.clear();
    OURS.setLevel(usual);
    values = new Values(true, true, true, 0, USUAL);
  }

  private static Values changed(Values now, String name, @Nullable Object value) {
    return switch (name) {
      case "log_info" ->
          new Values(flag(name, value), now.warning, now.error, now.verbose, now.format);
      case "log_warning" ->
          new Values(now.info, flag(name, value), now.error, now.verbose, now.format);
      case "log_error" ->
          new Values(now.info, now.warning, flag(name, value), now.verbose, now.format);
      case "log_verbose_level" ->
          new Values(now.info, now.warning, now.error, level(value), now.format);
      case "log_format" -> new Values(now.info, now.warning, now.error, now.verbose, format(value));
      case "log_file" ->
          throw bad("log_file: the place of the log is fixed (expected: no log_file)");
      default ->
          throw bad(
              "unknown log setting \""
                  + name
                  + "\" ("
                  + Nearest.hint(name, NAMES)
                  + "known: "
                  + String.join(", ", NAMES)
                  + ")");
    };
  }

  private static boolean flag(String name, @Nullable Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw bad(name + " " + value + " (expected: true or false)");
  }

  private static long level(@Nullable Object value) {
    boolean whole = value instanceof Integer || value instanceof Long;
    if (whole && value instanceof Number level && level.longValue() >= 0) {
      return Math.min(level.longValue(), 1_000_000);
    }
    throw bad("log_verbose_level " + value + " (expected: a whole number from 0)");
  }

  private static String format(@Nullable Object value) {
    if (USUAL.equals(value) || ISO.equals(value)) {
      return (String) value;
    }
    throw bad("log_format " + value + " (expected: default or ISO8601)");
  }

  private void apply(Values now) {
    if (handlers.isEmpty()) {
      for (Handler handler : ROOT.getHandlers()) {
        handlers.add(
            new Bound(handler, handler.getLevel(), handler.getFilter(), handler.getFormatter()));
      }
    }
    Level verbose = verbose(now.verbose);
    OURS.setLevel(now.verbose == 0 ? usual : verbose);
    for (Bound bound : handlers) {
      boolean lower = now.verbose > 0 && verbose.intValue() < bound.level.intValue();
      bound.handler.setLevel(lower ? verbose : bound.level);
      bound.handler.setFilter(
          entry -> passes(entry) && (bound.filter == null || bound.filter.isLoggable(entry)));
      setFormatter(bound.handler, now.format.equals(ISO) ? new Iso() : bound.formatter);
    }
  }

  private static void setFormatter(Handler handler, @Nullable Formatter formatter) {
    if (formatter != null) {
      handler.setFormatter(formatter);
    }
  }

  private boolean passes(LogRecord entry) {
    Values now = values;
    int level = entry.getLevel().intValue();
    if (level >= Level.SEVERE.intValue()) {
      return now.error;
    }
    if (level >= Level.WARNING.intValue()) {
      return now.warning;
    }
    return level < Level.INFO.intValue() || now.info;
  }

  private static Level verbose(long level) {
    return level <= 1 ? Level.FINE : level == 2 ? Level.FINER : Level.FINEST;
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }

  /** {@code 2026-01-31T12:00:00Z W logger] message}. */
  private static final class Iso extends Formatter {
    @Override
    public String format(LogRecord entry) {
      return entry.getInstant().truncatedTo(ChronoUnit.SECONDS)
          + " "
          + letter(entry.getLevel())
          + " "
          + entry.getLoggerName()
          + "] "
          + formatMessage(entry)
          + "\n"
          + trace(entry.getThrown());
    }

    private static String trace(@Nullable Throwable thrown) {
      StringBuilder text = new StringBuilder();
      for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
        text.append(cause == thrown ? "" : "Caused by: ").append(cause).append('\n');
        for (StackTraceElement element : cause.getStackTrace()) {
          text.append("\tat ").append(element).append('\n');
        }
      }
      return text.toString();
    }

    private static char letter(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return 'E';
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return 'W';
      }
      return level.intValue() >= Level.INFO.intValue() ? 'I' : 'V';
    }
  }
}
