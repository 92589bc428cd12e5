package dev.lathe.server.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as people write them. */
public final class Quantities {
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern REAL = Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,15})?");
  private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h|d)|0");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB|TiB)?");
  private static final List<String> SIZES = List.of("B", "KiB", "MiB", "GiB", "TiB");

  private Quantities() {}

  static Optional<Long> whole(String text) {
    return WHOLE.matcher(text).matches() ? Optional.of(Long.valueOf(text)) : Optional.empty();
  }

  static Optional<Double> real(String text) {
    return REAL.matcher(text).matches() ? Optional.of(Double.valueOf(text)) : Optional.empty();
  }

  /**
   * A time.
   *
   * @param text such as {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h} or {@code 90d}
   * @return the time, or nothing if the text is none
   */
  public static Optional<Duration> span(String text) {
    Matcher matcher = SPAN.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group(1) == null) {
      return Optional.of(Duration.ZERO);
    }
    long number = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "us" -> Duration.ofNanos(number * 1000);
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }

  static Optional<Long> size(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int power = matcher.group(2) == null ? 0 : SIZES.indexOf(matcher.group(2));
    long number = Long.parseLong(matcher.group(1));
    return number > Long.MAX_VALUE >> (10 * power)
        ? Optional.empty()
        : Optional.of(number << (10 * power));
  }

  /** A time as {@link #span} reads it, in its largest whole unit. */
  static String words(Duration time) {
    long nanos = time.toNanos();
    if (nanos == 0) {
      return "0";
    }
    if (nanos % 1_000_000_000 != 0) {
      return nanos % 1_000_000 == 0 ? nanos / 1_000_000 + "ms" : nanos / 1000 + "us";
    }
    long seconds = time.toSeconds();
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    return seconds % 3600 == 0
        ? seconds / 3600 + "h"
        : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  /** Bytes as {@link #size} reads them, in their largest whole unit. */
  static String words(long bytes) {
    int power = Math.min(SIZES.size() - 1, bytes == 0 ? 0 : Long.numberOfTrailingZeros(bytes) / 10);
    return (bytes >> (10 * power)) + (power == 0 ? "" : SIZES.get(power));
  }
}
