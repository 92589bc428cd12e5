package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogSettingsTest {
  private final Logger root = Logger.getLogger("");
  private final Logger logger = Logger.getLogger("dev.lathe.server.observe.LogSettingsTest");
  private final Kept kept = new Kept();
  private final LogSettings settings = new LogSettings();

  @BeforeEach
  void listen() {
    root.addHandler(kept);
  }

  @AfterEach
  void stop() {
    settings.reset();
    root.removeHandler(kept);
  }

  @Test
  void eachKind_canBeSilenced() {
    settings.change(Map.of("log_info", false));
    logAll();
    assertThat(kept.messages).containsExactly("error", "warning");
    settings.change(Map.of("log_info", true, "log_warning", false, "log_error", false));
    kept.messages.clear();
    logAll();
    assertThat(kept.messages).containsExactly("info");
  }

  @Test
  void verboseLevels_letMoreThrough() {
    settings.change(Map.of("log_verbose_level", 1));
    logAll();
    assertThat(kept.messages).containsExactly("error", "warning", "info", "fine");
    settings.change(Map.of("log_verbose_level", 2L));
    kept.messages.clear();
    logAll();
    assertThat(kept.messages).containsExactly("error", "warning", "info", "fine", "finer");
    settings.change(Map.of("log_verbose_level", 0));
    kept.messages.clear();
    logAll();
    assertThat(kept.messages).containsExactly("error", "warning", "info");
  }

  @Test
  void format_changesTheLinesOfTheLog() {
    settings.change(Map.of("log_format", "ISO8601"));
    LogRecord entry = new LogRecord(Level.WARNING, "careful");
    entry.setLoggerName("a");
    assertThat(kept.getFormatter().format(entry))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ W a] careful\n");
    entry.setThrown(new IllegalStateException("broken", new IllegalArgumentException("bad")));
    assertThat(kept.getFormatter().format(entry))
        .contains("] careful\njava.lang.IllegalStateException: broken\n\tat dev.lathe")
        .contains("Caused by: java.lang.IllegalArgumentException: bad\n");
    settings.change(Map.of("log_format", "default"));
    assertThat(kept.getFormatter()).isInstanceOf(SimpleFormatter.class);
  }

  @Test
  void wrongChange_changesNothing() {
    Map<String, Object> before = settings.values();
    assertBad(Map.of("log_file", "/tmp/x"), "fixed");
    assertBad(Map.of("log_inf", true), "did you mean \"log_info\"");
    assertBad(Map.of("log_info", "yes"), "true or false");
    assertBad(Map.of("log_verbose_level", -1), "from 0");
    assertBad(Map.of("log_verbose_level", 1.5), "whole number");
    assertBad(Map.of("log_format", "xml"), "ISO8601");
    assertThat(settings.values()).isEqualTo(before);
  }

  private void assertBad(Map<String, ?> changes, String message) {
    assertThatThrownBy(() -> settings.change(changes))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  private void logAll() {
    logger.severe("error");
    logger.warning("warning");
    logger.info("info");
    logger.fine("fine");
    logger.finer("finer");
  }

  private static final class Kept extends Handler {
    final List<String> messages = new ArrayList<>();

    Kept() {
      setLevel(Level.INFO);
      setFormatter(new SimpleFormatter());
    }

    @Override
    public void publish(LogRecord entry) {
      if (isLoggable(entry)) {
        messages.add(entry.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
