package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Called;
import dev.lathe.prepare.template.Value.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of texts, as Python's {@code str} has them. */
final class TextMethods {
  private TextMethods() {}

  /** The method of that name; null if there is none. */
  static @Nullable Called of(String text, String name) {
    Called method = changed(text, name);
    method = method == null ? split(text, name) : method;
    return method == null ? asked(text, name) : method;
  }

  private static @Nullable Called changed(String text, String name) {
    return switch (name) {
      case "strip" -> args -> stripped(text, args, 3);
      case "lstrip" -> args -> stripped(text, args, 1);
      case "rstrip" -> args -> stripped(text, args, 2);
      case "upper" -> args -> text.toUpperCase(Locale.ROOT);
      case "lower" -> args -> text.toLowerCase(Locale.ROOT);
      case "casefold" -> args -> text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
      case "capitalize" -> args -> capitalize(text);
      case "title" -> args -> title(text);
      case "swapcase" -> args -> swapped(text);
      case "replace" ->
          args -> {
            Args.Bound bound = args.bind("old", "new", "count");
            return replace(
                text,
                new String[] {bound.needText("old"), bound.needText("new")},
                bound.number("count", -1));
          };
      case "removeprefix" ->
          args -> {
            String prefix = args.bind("prefix").needText("prefix");
            return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
          };
      case "removesuffix" ->
          args -> {
            String suffix = args.bind("suffix").needText("suffix");
            return text.endsWith(suffix)
                ? text.substring(0, text.length() - suffix.length())
                : text;
          };
      case "zfill" -> args -> zfill(text, args.bind("width").number("width", 0));
      case "ljust" -> args -> padded(text, args, 0);
      case "rjust" -> args -> padded(text, args, 2);
      case "center" -> args -> padded(text, args, 1);
      case "format" -> args -> Printf.braces(text, args);
      case "join" ->
          args -> {
            List<String> parts = new ArrayList<>();
            for (Object part : Items.list(args.bind("iterable").need("iterable"))) {
              if (!(part instanceof String one)) {
                throw new Fault("sequence item: expected str, " + Texts.type(part) + " found");
              }
              parts.add(one);
            }
            return String.join(text, parts);
          };
      default -> null;
    };
  }

  private static @Nullable Called split(String text, String name) {
    return switch (name) {
      case "split" -> args -> split(text, args, false);
      case "rsplit" -> args -> split(text, args, true);
      case "splitlines" -> args -> lines(text, args.bind("keepends").flag("keepends", false));
      case "partition" -> args -> partition(text, args.bind("sep").needText("sep"), false);
      case "rpartition" -> args -> partition(text, args.bind("sep").needText("sep"), true);
      default -> null;
    };
  }

  private static @Nullable Called asked(String text, String name) {
    return switch (name) {
      case "startswith" -> args -> affix(args, text::startsWith);
      case "endswith" -> args -> affix(args, text::endsWith);
      case "find" -> args -> place(text, text.indexOf(args.bind("sub").needText("sub")));
      case "rfind" -> args -> place(text, text.lastIndexOf(args.bind("sub").needText("sub")));
      case "index" -> args -> found(place(text, text.indexOf(args.bind("sub").needText("sub"))));
      case "rindex" ->
          args -> found(place(text, text.lastIndexOf(args.bind("sub").needText("sub"))));
      case "count" -> args -> occurrences(text, args.bind("sub").needText("sub"));
      case "isdigit", "isdecimal", "isnumeric" -> args -> all(text, Character::isDigit);
      case "isalpha" -> args -> all(text, Character::isLetter);
      case "isalnum" -> args -> all(text, Character::isLetterOrDigit);
      case "isspace" -> args -> all(text, Texts::isSpace);
      case "isascii" -> args -> text.chars().allMatch(c -> c < 0x80);
      case "isupper" -> args -> isUpper(text);
      case "islower" -> args -> isLower(text);
      default -> null;
    };
  }

  private static boolean all(String text, IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints().noneMatch(Character::isLowerCase);
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints().noneMatch(Character::isUpperCase);
  }

  private static String stripped(String text, Args args, int sides) {
    return strip(text, args.bind("chars").get("chars", null), sides);
  }

  /** Without some characters at the start (1), at the end (2), or both (3). */
  static String strip(String text, @Nullable Object chars, int sides) {
    String set = chars == null ? "" : Texts.str(chars);
    IntPredicate goes = chars == null ? Texts::isSpace : c -> set.indexOf(c) >= 0;
    int start = 0;
    int end = text.length();
    while ((sides & 1) != 0 && start < end && goes.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    while ((sides & 2) != 0 && end > start && goes.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return Character.toString(Character.toTitleCase(text.codePointAt(0)))
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inside = Character.isLetter(c);
    }
    return out.toString();
  }

  private static String swapped(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isUpperCase(c)
                        ? Character.toLowerCase(c)
                        : Character.toUpperCase(c)));
    return out.toString();
  }

  /**
   * {@code change[0]} becomes {@code change[1]}, at most count times; always if that is below 0.
   */
  static String replace(String text, String[] change, long count) {
    String old = change[0];
    StringBuilder out = new StringBuilder();
    int at = 0;
    long left = count < 0 ? Long.MAX_VALUE : count;
    while (left > 0) {
      int next = text.indexOf(old, at);
      if (next < 0 || old.isEmpty() && at > text.length()) {
        break;
      }
      out.append(text, at, next).append(change[1]);
      left--;
      at = next + old.length();
      if (old.isEmpty()) {
        if (next == text.length()) {
          return out.toString();
        }
        out.append(text.charAt(next));
        at = next + 1;
      }
      if (out.length() > Budget.LARGEST) {
        throw new Fault("a text of more than " + Budget.LARGEST + " characters");
      }
    }
    return out.append(text.substring(at)).toString();
  }

  static long width(long width) {
    if (width > Budget.LARGEST) {
      throw new Fault("width " + width + " (expected: at most " + Budget.LARGEST + ")");
    }
    return Math.max(0, width);
  }

  private static String zfill(String text, long width) {
    int missing = (int) Math.max(0, width(width) - text.length());
    boolean signed = text.startsWith("-") || text.startsWith("+");
    return signed
        ? text.charAt(0) + "0".repeat(missing) + text.substring(1)
        : "0".repeat(missing) + text;
  }

  private static String padded(String text, Args args, int left) {
    Args.Bound bound = args.bind("width", "fillchar");
    return padded(text, bound.number("width", 0), new Fill(left, bound.text("fillchar", " ")));
  }

  /**
   * How a text is made wider.
   *
   * @param left half the share of filling that goes to the left: 0, 1 or 2
   * @param with the character
   */
  record Fill(int left, String with) {}

  static String padded(String text, long width, Fill fill) {
    int missing = (int) Math.max(0, width(width) - text.codePointCount(0, text.length()));
    int odd = missing & (int) width & 1;
    int left = fill.left() == 1 ? missing / 2 + odd : missing * fill.left() / 2;
    return fill.with().repeat(left) + text + fill.with().repeat(missing - left);
  }

  private static List<@Nullable Object> split(String text, Args args, boolean fromRight) {
    Args.Bound bound = args.bind("sep", "maxsplit");
    Object separator = bound.get("sep", null);
    long most = bound.number("maxsplit", -1);
    List<@Nullable Object> parts =
        separator == null
            ? words(text, most, fromRight)
            : parts(text, bound.needText("sep"), new Splits(most, fromRight));
    return fromRight ? new ArrayList<>(parts.reversed()) : parts;
  }

  private record Splits(long most, boolean fromRight) {}

  private static List<@Nullable Object> parts(String text, String separator, Splits splits) {
    if (separator.isEmpty()) {
      throw new Fault("empty separator");
    }
    List<@Nullable Object> parts = new ArrayList<>();
    int from = 0;
    int to = text.length();
    long left = splits.most() < 0 ? Long.MAX_VALUE : splits.most();
    while (left-- > 0) {
      int at =
          splits.fromRight()
              ? text.substring(0, to).lastIndexOf(separator)
              : text.indexOf(separator, from);
      if (at < 0) {
        break;
      }
      parts.add(
          splits.fromRight()
              ? text.substring(at + separator.length(), to)
              : text.substring(from, at));
      from = splits.fromRight() ? 0 : at + separator.length();
      to = splits.fromRight() ? at : to;
    }
    parts.add(text.substring(from, to));
    return parts;
  }

  private static List<@Nullable Object> words(String text, long most, boolean fromRight) {
    List<@Nullable Object> words = new ArrayList<>();
    String rest = strip(text, null, fromRight ? 2 : 1);
    while (!rest.isEmpty()) {
      int at = space(rest, fromRight);
      if (at < 0 || words.size() == most) {
        words.add(rest);
        break;
      }
      words.add(fromRight ? rest.substring(at + 1) : rest.substring(0, at));
      rest = strip(fromRight ? rest.substring(0, at) : rest.substring(at), null, fromRight ? 2 : 1);
    }
    return words;
  }

  private static int space(String text, boolean fromRight) {
    for (int i = 0; i < text.length(); i++) {
      int at = fromRight ? text.length() - 1 - i : i;
      if (Texts.isSpace(text.charAt(at))) {
        return at;
      }
    }
    return -1;
  }

  /** Lines, as Python ends them. */
  static List<@Nullable Object> lines(String text, boolean keepEnds) {
    List<@Nullable Object> lines = new ArrayList<>();
    int from = 0;
    for (int at = 0; at < text.length(); at++) {
      if ("\n\r\u000B\f\u001C\u001D\u001E\u0085\u2028\u2029".indexOf(text.charAt(at)) < 0) {
        continue;
      }
      int end = at;
      if (text.startsWith("\r\n", at)) {
        at++;
      }
      lines.add(text.substring(from, keepEnds ? at + 1 : end));
      from = at + 1;
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  private static Tuple partition(String text, String separator, boolean last) {
    if (separator.isEmpty()) {
      throw new Fault("empty separator");
    }
    int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return new Tuple(last ? Arrays.asList("", "", text) : Arrays.asList(text, "", ""));
    }
    return new Tuple(
        Arrays.asList(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  private static Object affix(Args args, java.util.function.Predicate<String> test) {
    Object wanted = args.bind("affix").need("affix");
    List<?> all = wanted instanceof Tuple tuple ? tuple.items() : Arrays.asList(wanted);
    return all.stream()
        .anyMatch(
            one -> {
              if (one instanceof String affix) {
                return test.test(affix);
              }
              throw new Fault("first arg must be str or a tuple of str, not " + Texts.type(one));
            });
  }

  private static long place(String text, int at) {
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static long found(long place) {
    if (place < 0) {
      throw new Fault("substring not found");
    }
    return place;
  }

  private static long occurrences(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1L;
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }
}
