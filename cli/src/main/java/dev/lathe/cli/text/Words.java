package dev.lathe.cli.text;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Times, sizes and measures as people say them. */
public final class Words {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Words() {}

  /**
   * How long ago something was.
   *
   * @param then when it was
   * @param now the present
   * @return for example {@code 5 min ago}; {@code now} for less than a second and for the future
   */
  public static String ago(Instant then, Instant now) {
    Duration passed = Duration.between(then, now);
    return passed.toMillis() < 1000 ? "now" : longest(passed) + " ago";
  }

  /**
   * A duration in its largest unit.
   *
   * @param duration not negative
   * @return for example {@code 90 s} as {@code 1 min}
   */
  public static String longest(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + (duration.toDays() == 1 ? " day" : " days");
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + " h";
    }
    return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
  }

  /**
   * A duration to the second.
   *
   * @param duration not negative
   * @return for example {@code 1 min 30 s}, or {@code 0.8 s} below ten seconds
   */
  public static String exact(Duration duration) {
    if (duration.toSeconds() < 10) {
      return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
    if (duration.toMinutes() == 0) {
      return duration.toSeconds() + " s";
    }
    return duration.toHours() > 0
        ? duration.toHours() + " h " + duration.toMinutesPart() + " min"
        : duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
  }

  /**
   * A number of bytes.
   *
   * @param bytes the number, not negative
   * @return for example {@code 12.3 KiB}
   */
  public static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /**
   * A part of one, never rounded up, so that only certainty is 100 %.
   *
   * @param part 0 to 1
   * @return per cent with one digit behind the point
   */
  public static String percent(double part) {
    return String.format(Locale.ROOT, "%.1f %%", Math.floor(part * 1000 + 1e-9) / 10);
  }

  /**
   * A measured value: parts of one as per cent, the rest with four significant digits.
   *
   * @param name the metric's name
   * @param value its value
   * @return the value as text
   */
  public static String metric(String name, double value) {
    if (name.endsWith("accuracy")) {
      return String.format(Locale.ROOT, "%.2f %%", value * 100);
    }
    return String.format(Locale.ROOT, "%.4g", value);
  }

  /**
   * Measures in a line, by name.
   *
   * @param metrics the measures
   * @return for example {@code accuracy 98.20 %, loss 0.05120}; {@code -} if there are none
   */
  public static String metrics(Map<String, Double> metrics) {
    return metrics.isEmpty()
        ? "-"
        : new TreeMap<>(metrics)
            .entrySet().stream()
                .map(entry -> entry.getKey() + " " + metric(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
  }

  /**
   * The measures that count in a line: those on test data, else on the validation part, else all.
   *
   * @param metrics the measures
   * @return as {@link #metrics}
   */
  public static String headline(Map<String, Double> metrics) {
    for (String part : List.of("test_", "validation_")) {
      Map<String, Double> chosen = new TreeMap<>(metrics);
      chosen.keySet().removeIf(name -> !name.startsWith(part));
      if (!chosen.isEmpty()) {
        return metrics(chosen);
      }
    }
    return metrics(metrics);
  }

  /**
   * Text without control characters, so that what a stranger wrote cannot steer the terminal.
   *
   * @param text any text
   * @return its first line, control characters as blanks
   */
  public static String firstLine(String text) {
    return text.strip().lines().findFirst().orElse("").replaceAll("\\p{Cc}", " ");
  }
}
