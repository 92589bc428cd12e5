package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Function;
import dev.lathe.prepare.template.Value.Loop;
import dev.lathe.prepare.template.Value.MacroValue;
import dev.lathe.prepare.template.Value.Missing;
import dev.lathe.prepare.template.Value.Namespace;
import dev.lathe.prepare.template.Value.Once;
import dev.lathe.prepare.template.Value.Range;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import dev.lathe.prepare.template.Value.View;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as text, as Python's {@code str} and {@code repr} write them. */
final class Texts {
  private static final int NEXT_LINE = 0x85;
  private static final int DEEPEST = 100;

  private Texts() {}

  static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
  }

  static boolean isBlank(String text) {
    return text.codePoints().allMatch(Texts::isSpace);
  }

  static String rstrip(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  static int count(String text, char wanted) {
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      count += text.charAt(i) == wanted ? 1 : 0;
    }
    return count;
  }

  static String str(@Nullable Object value) {
    return value instanceof String text ? text : value instanceof Undefined ? "" : repr(value);
  }

  static String repr(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    repr(value, out, 0);
    return out.toString();
  }

  private static void repr(@Nullable Object value, StringBuilder out, int depth) {
    if (depth > DEEPEST || out.length() > Budget.LARGEST) {
      throw new Fault("a value too large to be written");
    }
    switch (value) {
      case null -> out.append("None");
      case Boolean truth -> out.append(truth ? "True" : "False");
      case Double number -> out.append(Numbers.text(number));
      case String text -> quoted(text, out);
      case List<?> list -> all(list, "[]", out, depth);
      case Map<?, ?> map -> dict(map, out, depth);
      case Tuple tuple when tuple.items().size() == 1 -> {
        out.append('(');
        repr(tuple.items().getFirst(), out, depth + 1);
        out.append(",)");
      }
      case Tuple tuple -> all(tuple.items(), "()", out, depth);
      case View view -> {
        out.append(view.name()).append('(');
        all(view.items(), "[]", out, depth);
        out.append(')');
      }
      case Range range -> {
        out.append("range(").append(range.start()).append(", ").append(range.stop());
        out.append(range.step() == 1 ? ")" : ", " + range.step() + ")");
      }
      case Undefined undefined -> out.append("Undefined");
      case Namespace namespace -> {
        out.append("<Namespace ");
        dict(namespace.values(), out, depth);
        out.append('>');
      }
      case MacroValue macro -> {
        out.append("<Macro ");
        quoted(macro.function().name(), out);
        out.append('>');
      }
      default -> out.append(value instanceof Long ? value.toString() : "<" + type(value) + ">");
    }
  }

  private static void all(Collection<?> items, String brackets, StringBuilder out, int depth) {
    out.append(brackets.charAt(0));
    String between = "";
    for (Object item : items) {
      out.append(between);
      repr(item, out, depth + 1);
      between = ", ";
    }
    out.append(brackets.charAt(1));
  }

  private static void dict(Map<?, ?> map, StringBuilder out, int depth) {
    out.append('{');
    for (Iterator<? extends Map.Entry<?, ?>> it = map.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<?, ?> entry = it.next();
      repr(entry.getKey(), out, depth + 1);
      out.append(": ");
      repr(entry.getValue(), out, depth + 1);
      out.append(it.hasNext() ? ", " : "");
    }
    out.append('}');
  }

  private static void quoted(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                  if (c == quote) {
                    out.append('\\').append(quote);
                  } else if (printable(c)) {
                    out.appendCodePoint(c);
                  } else {
                    out.append(
                        c < 0x100
                            ? "\\x%02x".formatted(c)
                            : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
                  }
                }
              }
            });
    out.append(quote);
  }

  private static boolean printable(int c) {
    return c == ' '
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SPACE_SEPARATOR ->
              false;
          default -> true;
        };
  }

  /** The name of a value's type, as Python says it. */
  static String type(@Nullable Object value) {
    return switch (value) {
      case null -> "NoneType";
      case Boolean truth -> "bool";
      case Long number -> "int";
      case Double number -> "float";
      case String text -> "str";
      case List<?> list -> "list";
      case Map<?, ?> map -> "dict";
      case Tuple tuple -> "tuple";
      case Range range -> "range";
      case View view -> view.name();
      case Once once -> "generator";
      case Namespace namespace -> "Namespace";
      case Function function -> "function";
      case MacroValue macro -> "Macro";
      case Loop loop -> "LoopContext";
      case Undefined undefined -> "Undefined";
      case Missing missing -> "missing";
      default -> value.getClass().getSimpleName();
    };
  }
}
