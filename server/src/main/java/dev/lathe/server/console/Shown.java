package dev.lathe.server.console;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Values as a page shows them. */
final class Shown {
  private static final int SHORT_DIGEST = 12;

  private Shown() {}

  /** A time as {@code <time>}, which the reader's browser may word in its own zone. */
  static Html time(Instant time) {
    Instant second = time.truncatedTo(ChronoUnit.SECONDS);
    return Html.of("<time datetime=\"{}\">{}</time>", second, second.toString().replace('T', ' '));
  }

  static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 10
        ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
        : seconds < 60 ? seconds + " s" : seconds / 60 + " min " + seconds % 60 + " s";
  }

  static String metric(String name, double value) {
    return name.endsWith("accuracy")
        ? String.format(Locale.ROOT, "%.2f %%", value * 100)
        : String.format(Locale.ROOT, "%.4g", value);
  }

  /** Metrics in a row, by name. */
  static Html metrics(Map<String, Double> metrics) {
    List<Html> each =
        new TreeMap<>(metrics)
            .entrySet().stream()
                .map(
                    metric ->
                        Html.of(
                            "<span class=\"metric\">{} <b>{}</b></span> ",
                            metric.getKey().replace('_', ' '),
                            metric(metric.getKey(), metric.getValue())))
                .toList();
    return Html.of("{}", each);
  }

  /**
   * The measures that count in a row: those on test data, else on the validation part, else all.
   */
  static Html headline(Map<String, Double> metrics) {
    for (String part : List.of("test_", "validation_")) {
      Map<String, Double> chosen = new TreeMap<>(metrics);
      chosen.keySet().removeIf(name -> !name.startsWith(part));
      if (!chosen.isEmpty()) {
        return metrics(chosen);
      }
    }
    return metrics(metrics);
  }

  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    return bytes < 1L << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }

  static String shortened(String digest) {
    return digest.substring(0, Math.min(SHORT_DIGEST, digest.length()));
  }

  /** Environments as marks. */
  static Html environments(Iterable<String> names) {
    StringBuilder markup = new StringBuilder();
    for (String name : names) {
      markup.append(Html.of("<span class=\"live\">{}</span> ", name).markup());
    }
    return new Html(markup.toString());
  }
}
