package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Tuple;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as JSON, as Python's {@code json.dumps} writes them. */
final class JsonText {
  private static final int DEEPEST = 100;

  private final boolean ascii;
  private final boolean sorted;
  private final @Nullable String indent;
  private final String between;
  private final String colon;
  private final StringBuilder out = new StringBuilder();

  private JsonText(Args.Bound bound) {
    ascii = bound.flag("ensure_ascii", false);
    sorted = bound.flag("sort_keys", false);
    Object width = bound.get("indent", null);
    indent =
        width == null
            ? null
            : width instanceof String text
                ? text
                : " ".repeat((int) TextMethods.width(Numbers.whole(width)));
    Object separators = bound.get("separators", null);
    if (separators == null) {
      between = indent == null ? ", " : ",";
      colon = ": ";
    } else {
      List<@Nullable Object> both = Items.list(separators);
      if (both.size() != 2) {
        throw new Fault("separators: " + both.size() + " values (expected: 2)");
      }
      between = Texts.str(both.get(0));
      colon = Texts.str(both.get(1));
    }
  }

  /** The filter {@code tojson} with what Hugging Face lets it be told. */
  static String of(@Nullable Object value, Args args) {
    JsonText json = new JsonText(args.bind("ensure_ascii", "indent", "separators", "sort_keys"));
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(@Nullable Object value, int depth) {
    if (depth > DEEPEST || out.length() > Budget.LARGEST) {
      throw new Fault("a value too large for JSON");
    }
    switch (value) {
      case null -> out.append("null");
      case Boolean truth -> out.append(truth);
      case Long number -> out.append(number);
      case Double number -> out.append(number(number));
      case String text -> quoted(text);
      case List<?> list -> array(list, depth);
      case Tuple tuple -> array(tuple.items(), depth);
      case Map<?, ?> map -> object(map, depth);
      default ->
          throw new Fault("Object of type " + Texts.type(value) + " is not JSON serializable");
    }
  }

  private static String number(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    return Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity" : Numbers.text(number);
  }

  private void array(List<?> list, int depth) {
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      out.append(i == 0 ? "" : between);
      line(depth + 1);
      write(list.get(i), depth + 1);
    }
    if (!list.isEmpty()) {
      line(depth);
    }
    out.append(']');
  }

  private void object(Map<?, ?> map, int depth) {
    out.append('{');
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    if (sorted) {
      entries.sort((left, right) -> Order.compare(left.getKey(), right.getKey()));
    }
    for (Iterator<Map.Entry<?, ?>> it = entries.iterator(); it.hasNext(); ) {
      Map.Entry<?, ?> entry = it.next();
      line(depth + 1);
      quoted(key(entry.getKey()));
      out.append(colon);
      write(entry.getValue(), depth + 1);
      out.append(it.hasNext() ? between : "");
    }
    if (!map.isEmpty()) {
      line(depth);
    }
    out.append('}');
  }

  private static String key(@Nullable Object key) {
    return switch (key) {
      case null -> "null";
      case Boolean truth -> truth.toString();
      case String text -> text;
      case Long number -> number.toString();
      case Double number -> number(number);
      default -> throw new Fault("keys must be str, int, float, bool or None");
    };
  }

  private void line(int depth) {
    if (indent != null) {
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void quoted(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || ascii && c > '~') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
