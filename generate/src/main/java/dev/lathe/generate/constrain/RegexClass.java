package dev.lathe.generate.constrain;

import dev.lathe.ir.LatheException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/** Reads what stands for a set of characters in a regular expression: brackets and escapes. */
final class RegexClass {
  /** What {@code .} stands for: no end of a line, of whatever kind. */
  static final CharSet NO_LINE_END = CharSet.each("\n\r\u0085\u2028\u2029").not();

  static final CharSet DIGIT = CharSet.of('0', '9');
  static final CharSet WORD = CharSet.of('0', '9', 'A', 'Z', 'a', 'z', '_', '_');
  private static final CharSet SPACE = CharSet.each("\t\n\u000B\f\r ");

  /** Spaces of any kind, which {@code \S} leaves out. */
  private static final CharSet ANY_SPACE =
      SPACE.or(
          CharSet.of(
              0x1C, 0x1F, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029,
              0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF));

  private static final int MOST_PROPERTIES = 256;
  private static final Pattern PROPERTY = Pattern.compile("[A-Za-z_]{1,40}(=[A-Za-z_]{1,40})?");
  private static final Map<String, CharSet> PROPERTIES = new ConcurrentHashMap<>();

  private final int[] codes;
  private int at;

  RegexClass(int[] codes, int at) {
    this.codes = codes;
    this.at = at;
  }

  /** Makes the error of a place. */
  interface Wrong {
    LatheException at(int place, String found, String expected);
  }

  /** Where an escape stands. */
  enum Where {
    /** In brackets. */
    BRACKETS,
    /** Elsewhere. */
    OUTSIDE
  }

  /** The place after what was read. */
  int at() {
    return at;
  }

  private boolean take(int code) {
    if (at < codes.length && codes[at] == code) {
      at++;
      return true;
    }
    return false;
  }

  /** After a "[". */
  CharSet bracket(Wrong wrong) {
    boolean not = take('^');
    CharSet set = CharSet.NONE;
    while (true) {
      if (at >= codes.length) {
        throw wrong.at(at, "the end", "\"]\"");
      }
      if (take(']')) {
        return not ? set.not() : set;
      }
      int start = at;
      CharSet low = part(wrong);
      boolean range = at + 1 < codes.length && codes[at] == '-' && codes[at + 1] != ']';
      if (!range) {
        set = set.or(low);
        continue;
      }
      at++;
      CharSet high = part(wrong);
      int from = single(low);
      int to = single(high);
      if (from < 0 || to < from) {
        throw wrong.at(start, "a range of no characters", "one character, \"-\", a later one");
      }
      set = set.or(CharSet.of(from, to));
    }
  }

  private CharSet part(Wrong wrong) {
    if (take('\\')) {
      return escape(wrong, Where.BRACKETS);
    }
    return CharSet.one(codes[at++]);
  }

  /** The one character of a set, or -1. */
  private static int single(CharSet set) {
    int[] ranges = set.ranges();
    return ranges.length == 2 && ranges[0] == ranges[1] ? ranges[0] : -1;
  }

  /** After a backslash. */
  CharSet escape(Wrong wrong, Where where) {
    if (at >= codes.length) {
      throw wrong.at(at, "the end", "a character after \"\\\"");
    }
    int start = at;
    int code = codes[at++];
    return switch (code) {
      case 'd' -> DIGIT;
      case 'D' -> DIGIT.not();
      case 'w' -> WORD;
      case 'W' -> WORD.not();
      case 's' -> SPACE;
      case 'S' -> ANY_SPACE.not();
      case 't' -> CharSet.one('\t');
      case 'n' -> CharSet.one('\n');
      case 'r' -> CharSet.one('\r');
      case 'f' -> CharSet.one('\f');
      case 'v' -> CharSet.one(0x0B);
      case '0' -> CharSet.one(0);
      case 'x' -> CharSet.one(hex(2, wrong));
      case 'u' -> CharSet.one(unicode(wrong));
      case 'p' -> property(wrong, start);
      case 'P' -> property(wrong, start).not();
      default -> plain(code, start, wrong, where);
    };
  }

  private static CharSet plain(int code, int start, Wrong wrong, Where where) {
    if (code == 'b' && where == Where.BRACKETS) {
      return CharSet.one('\b');
    }
    if (code >= '1' && code <= '9' || code == 'k') {
      throw wrong.at(start, "a back reference", "what is regular");
    }
    if (code == 'b' || code == 'B') {
      throw wrong.at(start, "a word boundary", "characters, classes, groups, \"^\" or \"$\"");
    }
    if (Character.isLetterOrDigit(code)) {
      throw wrong.at(
          start,
          "\"\\" + Character.toString(code) + "\"",
          "one of \\d \\D \\w \\W \\s \\S \\t \\n \\r \\f \\v \\0 \\xHH \\uHHHH \\p{…} \\P{…}");
    }
    return CharSet.one(code);
  }

  private int unicode(Wrong wrong) {
    if (!take('{')) {
      int high = hex(4, wrong);
      boolean pair =
          Character.isHighSurrogate((char) high)
              && at + 1 < codes.length
              && codes[at] == '\\'
              && codes[at + 1] == 'u';
      if (!pair) {
        return high;
      }
      at += 2;
      return Character.toCodePoint((char) high, (char) hex(4, wrong));
    }
    int digits = 0;
    while (at + digits < codes.length && codes[at + digits] != '}' && digits < 7) {
      digits++;
    }
    int code = hex(digits, wrong);
    if (!take('}') || code > Character.MAX_CODE_POINT) {
      throw wrong.at(at, "no code point", "\\u{…} with up to six hexadecimal digits");
    }
    return code;
  }

  private int hex(int digits, Wrong wrong) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = at < codes.length ? Character.digit(codes[at], 16) : -1;
      if (digit < 0) {
        throw wrong.at(at, "no hexadecimal digit", digits + " of them");
      }
      value = value * 16 + digit;
      at++;
    }
    return value;
  }

  private CharSet property(Wrong wrong, int start) {
    int end = at;
    while (end < codes.length && codes[end] != '}' && end - at < 90) {
      end++;
    }
    String name = end > at ? new String(codes, at + 1, end - at - 1) : "";
    if (!take('{') || end >= codes.length || !PROPERTY.matcher(name).matches()) {
      throw wrong.at(start, "no property", "\\p{Name} or \\p{Name=Value}");
    }
    at = end + 1;
    CharSet known = PROPERTIES.get(name);
    if (known != null) {
      return known;
    }
    Pattern pattern;
    try {
      pattern = Pattern.compile("\\p{" + name.replaceFirst("^Script=", "script=") + "}");
    } catch (PatternSyntaxException e) {
      throw wrong.at(start, "property \"" + name + "\"", "a property or script of Unicode");
    }
    // One search over all characters is much faster than a match of each.
    String all = every();
    int[] ranges =
        pattern
            .matcher(all)
            .results()
            .flatMapToInt(
                one -> {
                  int code = all.codePointAt(one.start());
                  return IntStream.of(code, code);
                })
            .toArray();
    CharSet made = CharSet.of(ranges);
    if (PROPERTIES.size() < MOST_PROPERTIES) {
      PROPERTIES.put(name, made);
    }
    return made;
  }

  private static String every() {
    StringBuilder all = new StringBuilder();
    IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
        .filter(code -> code < 0xD800 || code > 0xDFFF)
        .forEach(all::appendCodePoint);
    return all.toString();
  }
}
