package dev.lathe.server;

import dev.lathe.server.config.Settings;
import dev.lathe.server.observe.LineFile;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What is written to the audit log: keys of section {@code access}.
 *
 * @param level which decisions
 * @param file where; the data directory's own if absent
 * @param size how much is kept
 */
public record AuditConfig(Level level, Optional<Path> file, LineFile.Size size) {
  private static final LineFile.Size USUAL = new LineFile.Size(16 << 20, 7);

  /** Which decisions are written. */
  public enum Level {
    /** None. */
    OFF,
    /** What is denied, and what changes something. */
    CHANGES,
    /** Every decision. */
    ALL
  }

  /**
   * An audit log in the data directory, of the usual size.
   *
   * @param word which decisions: {@code off}, {@code changes} or {@code all}
   * @return the configuration
   */
  static AuditConfig usual(String word) {
    return new AuditConfig(level(word), Optional.empty(), USUAL);
  }

  static AuditConfig of(Settings section) {
    return new AuditConfig(
        level(section.text("audit")),
        section.file("audit_file"),
        new LineFile.Size(section.whole("audit_max_size"), section.small("audit_old")));
  }

  private static Level level(String word) {
    return Level.valueOf(word.toUpperCase(Locale.ROOT));
  }
}
