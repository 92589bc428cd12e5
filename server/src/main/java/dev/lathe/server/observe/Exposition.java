package dev.lathe.server.observe;

import java.util.Locale;

/**
 * Writes Prometheus' text format 0.0.4.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">exposition
 *     formats</a>
 */
final class Exposition {
  private final StringBuilder text = new StringBuilder();
  private String name = "";

  /**
   * A sample's labels.
   *
   * @param text names and values with commas between
   */
  record Labels(String text) {
    static final Labels NONE = new Labels("");

    /** These labels and one more; its value may be anything. */
    Labels and(String label, String value) {
      String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      return new Labels(text + (text.isEmpty() ? "" : ",") + label + "=\"" + escaped + "\"");
    }
  }

  /** Begins a family; its samples follow. */
  void family(String family, String type, String help) {
    name = family;
    text.append("# HELP ").append(family).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(family).append(' ').append(type).append('\n');
  }

  /** A sample of the family begun last. */
  void sample(Labels labels, double value) {
    text.append(name);
    if (!labels.text.isEmpty()) {
      text.append('{').append(labels.text).append('}');
    }
    text.append(' ').append(number(value)).append('\n');
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1L << 53
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%s", value);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
