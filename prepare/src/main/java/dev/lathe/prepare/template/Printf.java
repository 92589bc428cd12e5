package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Tuple;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values put into texts: Python's {@code %} and {@code str.format}, without their rarest forms. */
final class Printf {
  private static final Pattern PERCENT =
      Pattern.compile("%(?:\\((\\w+)\\))?([-+ #0]*)(\\d{0,5})(?:\\.(\\d{1,3}))?([a-zA-Z%])");
  private static final Pattern BRACES =
      Pattern.compile("\\{\\{|\\}\\}|\\{(\\w*)(?:!([rs]))?(?::([^{}]*))?\\}|[{}]");
  private static final Pattern SPEC =
      Pattern.compile("(?:(.)?([<>^]))?([-+ ]?)(0?)(\\d{0,5})(,?)(?:\\.(\\d{1,3}))?([a-zA-Z%]?)");
  private static final int USUAL_PRECISION = 6;

  private Printf() {}

  static String format(String form, @Nullable Object values) {
    List<?> all = values instanceof Tuple tuple ? tuple.items() : Arrays.asList(values);
    Iterator<?> next = all.iterator();
    Matcher matcher = PERCENT.matcher(form);
    StringBuilder out = new StringBuilder();
    int from = 0;
    boolean taken = values instanceof Map<?, ?>;
    while (matcher.find(from)) {
      out.append(plain(form.substring(from, matcher.start())));
      from = matcher.end();
      if (matcher.group(5).equals("%")) {
        out.append('%');
        continue;
      }
      Object value;
      if (matcher.group(1) != null) {
        value = Items.item(values, matcher.group(1));
      } else if (next.hasNext()) {
        value = next.next();
        taken = true;
      } else {
        throw new Fault("not enough arguments for format string");
      }
      out.append(percent(matcher, value));
    }
    out.append(plain(form.substring(from)));
    if (next.hasNext() && !(values instanceof Map<?, ?>) && !(taken && all.isEmpty())) {
      throw new Fault("not all arguments converted during string formatting");
    }
    return out.toString();
  }

  private static String plain(String text) {
    if (text.indexOf('%') >= 0) {
      throw new Fault("unsupported format character in \"" + text + "\"");
    }
    return text;
  }

  private static String percent(Matcher matcher, @Nullable Object value) {
    String flags = matcher.group(2);
    String precision = matcher.group(4);
    String text =
        switch (matcher.group(5)) {
          case "s" -> cut(Texts.str(value), precision);
          case "r" -> cut(Texts.repr(value), precision);
          case "d", "i", "u" -> whole(value);
          case "x" -> Long.toHexString(Numbers.whole(value));
          case "X" -> Long.toHexString(Numbers.whole(value)).toUpperCase(Locale.ROOT);
          case "f", "F" -> fixed(number(value), precision(precision));
          default -> throw new Fault("unsupported format character '" + matcher.group(5) + "'");
        };
    boolean numeric = !"sr".contains(matcher.group(5));
    if (numeric && flags.contains("+") && !text.startsWith("-")) {
      text = "+" + text;
    }
    int width = matcher.group(3).isEmpty() ? 0 : Integer.parseInt(matcher.group(3));
    if (numeric && flags.contains("0") && !flags.contains("-")) {
      boolean signed = text.startsWith("-") || text.startsWith("+");
      String zeros = "0".repeat(Math.max(0, width - text.length()));
      return signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
    }
    return TextMethods.padded(text, width, new TextMethods.Fill(flags.contains("-") ? 0 : 2, " "));
  }

  private static String cut(String text, @Nullable String precision) {
    int most = precision == null ? text.length() : Integer.parseInt(precision);
    return text.substring(0, Math.min(most, text.length()));
  }

  private static int precision(@Nullable String precision) {
    return precision == null ? USUAL_PRECISION : Integer.parseInt(precision);
  }

  private static double number(@Nullable Object value) {
    if (!Numbers.isNumber(value)) {
      throw new Fault("must be real number, not " + Texts.type(value));
    }
    return Numbers.real(value);
  }

  private static String whole(@Nullable Object value) {
    return value instanceof Double real
        ? new BigDecimal(real).setScale(0, RoundingMode.DOWN).toPlainString()
        : Long.toString((long) number(value) == Numbers.whole(value) ? Numbers.whole(value) : 0);
  }

  static String fixed(double number, int precision) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return Numbers.text(number);
    }
    String text =
        new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    return number < 0 && !text.startsWith("-") || number == 0 && 1 / number < 0 ? "-" + text : text;
  }

  static String braces(String form, Args args) {
    Matcher matcher = BRACES.matcher(form);
    StringBuilder out = new StringBuilder();
    int next = 0;
    int from = 0;
    while (matcher.find(from)) {
      out.append(form, from, matcher.start());
      from = matcher.end();
      String found = matcher.group();
      if (found.equals("{{") || found.equals("}}")) {
        out.append(found.charAt(0));
        continue;
      }
      if (found.length() == 1) {
        throw new Fault("single '" + found + "' in a format string, or a form not supported");
      }
      String name = matcher.group(1);
      Object value;
      if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
        int place =
            name.isEmpty()
                ? next++
                : Integer.parseInt(name.substring(0, Math.min(4, name.length())));
        if (place >= args.values().size()) {
          throw new Fault("Replacement index " + place + " out of range for positional args tuple");
        }
        value = args.values().get(place);
      } else if (args.named().containsKey(name)) {
        value = args.named().get(name);
      } else {
        throw new Fault("no argument '" + name + "' for the format string");
      }
      value = "r".equals(matcher.group(2)) ? Texts.repr(value) : value;
      out.append(spec(value, matcher.group(3) == null ? "" : matcher.group(3)));
    }
    return out.append(form.substring(from)).toString();
  }

  private static String spec(@Nullable Object value, String spec) {
    if (spec.isEmpty()) {
      return Texts.str(value);
    }
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw new Fault("Invalid format specifier '" + spec + "'");
    }
    String type = matcher.group(8);
    boolean numeric = Numbers.isNumber(value) && !type.equals("s");
    String text = body(value, type, matcher);
    if (numeric
        && !matcher.group(3).isEmpty()
        && !matcher.group(3).equals("-")
        && !text.startsWith("-")) {
      text = matcher.group(3) + text;
    }
    int width = matcher.group(5).isEmpty() ? 0 : Integer.parseInt(matcher.group(5));
    boolean zeros = !matcher.group(4).isEmpty();
    String fill = matcher.group(1) != null ? matcher.group(1) : zeros ? "0" : " ";
    String align = matcher.group(2) != null ? matcher.group(2) : numeric ? ">" : "<";
    if (zeros && matcher.group(2) == null && text.startsWith("-")) {
      return "-" + "0".repeat(Math.max(0, width - text.length())) + text.substring(1);
    }
    int left = align.equals("<") ? 0 : align.equals(">") ? 2 : 1;
    return left == 1
        ? middle(text, width, fill)
        : TextMethods.padded(text, width, new TextMethods.Fill(left, fill));
  }

  private static String middle(String text, int width, String fill) {
    int missing = Math.max(0, width - text.codePointCount(0, text.length()));
    return fill.repeat(missing / 2) + text + fill.repeat(missing - missing / 2);
  }

  private static String body(@Nullable Object value, String type, Matcher matcher) {
    String precision = matcher.group(7);
    String text =
        switch (type) {
          case "f", "F" -> fixed(number(value), precision(precision));
          case "%" -> fixed(number(value) * 100, precision(precision)) + "%";
          case "d" -> Long.toString(Numbers.whole(value));
          case "x" -> Long.toHexString(Numbers.whole(value));
          case "X" -> Long.toHexString(Numbers.whole(value)).toUpperCase(Locale.ROOT);
          case "", "s" -> {
            if (precision != null && value instanceof Double) {
              throw new Fault("format precision without a type is not supported");
            }
            yield cut(Texts.str(value), precision);
          }
          default -> throw new Fault("Unknown format code '" + type + "'");
        };
    return matcher.group(6).isEmpty() ? text : grouped(text);
  }

  private static String grouped(String text) {
    int end = text.indexOf('.') < 0 ? text.length() : text.indexOf('.');
    StringBuilder out = new StringBuilder(text);
    int first = text.startsWith("-") ? 1 : 0;
    for (int at = end - 3; at > first; at -= 3) {
      out.insert(at, ',');
    }
    return out.toString();
  }
}
