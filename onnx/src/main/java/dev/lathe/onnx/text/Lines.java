package dev.lathe.onnx.text;

import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Lines with an indent, and the quoting of names and text. */
final class Lines {
  private static final int MOST_TEXT = 200;

  private final StringBuilder text = new StringBuilder();
  private int depth;

  void line(String content) {
    text.append("  ".repeat(depth)).append(content).append('\n');
  }

  void open(String content) {
    line(content);
    depth++;
  }

  void close(String content) {
    depth--;
    line(content);
  }

  @Override
  public String toString() {
    return text.toString();
  }

  /** A name as it is, or quoted if it could be taken for something else. */
  static String name(String name) {
    boolean plain =
        !name.isEmpty()
            && !Character.isDigit(name.charAt(0))
            && name.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '_'));
    return plain ? name : "\"" + escaped(name) + "\"";
  }

  /** Text in quotes, cut off where it is long. */
  static String quoted(String content) {
    return content.length() <= MOST_TEXT
        ? "\"" + escaped(content) + "\""
        : "\"" + escaped(content.substring(0, MOST_TEXT)) + "\"...";
  }

  static <T> String joined(Collection<T> items, Function<T, String> print) {
    return items.stream().map(print).collect(Collectors.joining(", "));
  }

  private static String escaped(String content) {
    StringBuilder out = new StringBuilder(content.length());
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (Character.isISOControl(c)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.toString();
  }
}
