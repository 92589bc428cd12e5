package dev.lathe.prepare.template;

/** Strings and numbers as a template writes them. */
final class Literals {
  private static final int HEX = 16;
  private static final int OCTAL = 8;

  private Literals() {}

  /**
   * A string.
   *
   * @param value what it says
   * @param end where it ends in the source
   */
  record Quoted(String value, int end) {}

  /** The string that begins there with its quote. */
  static Quoted string(String source, int start) {
    char quote = source.charAt(start);
    StringBuilder value = new StringBuilder();
    int at = start + 1;
    while (at < source.length() && source.charAt(at) != quote) {
      if (source.charAt(at) == '\\' && at + 1 < source.length()) {
        at = escape(source, at + 1, value);
      } else {
        value.append(source.charAt(at++));
      }
    }
    if (at >= source.length()) {
      throw new Fault("string is not closed (expected: " + quote + ")");
    }
    return new Quoted(value.toString(), at + 1);
  }

  /** What follows a backslash; gives the place after it. */
  private static int escape(String source, int at, StringBuilder value) {
    char c = source.charAt(at);
    switch (c) {
      case '\n' -> {}
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'a' -> value.append('\u0007');
      case 'v' -> value.append('\u000B');
      case '\\', '\'', '"' -> value.append(c);
      case 'x' -> {
        return coded(source, at + 1, 2, value);
      }
      case 'u' -> {
        return coded(source, at + 1, 4, value);
      }
      case 'U' -> {
        return coded(source, at + 1, 8, value);
      }
      default -> {
        if (c >= '0' && c < '8') {
          return octal(source, at, value);
        }
        value.append('\\').append(c);
      }
    }
    return at + 1;
  }

  private static int coded(String source, int at, int digits, StringBuilder value) {
    if (at + digits > source.length()) {
      throw new Fault("escape in a string: too few digits");
    }
    try {
      int code = Integer.parseUnsignedInt(source.substring(at, at + digits), HEX);
      if (!Character.isValidCodePoint(code)) {
        throw new Fault("escape in a string: no character of that number");
      }
      value.appendCodePoint(code);
      return at + digits;
    } catch (NumberFormatException e) {
      throw new Fault("escape in a string: \"" + source.substring(at, at + digits) + "\"");
    }
  }

  private static int octal(String source, int at, StringBuilder value) {
    int code = 0;
    int end = at;
    while (end < Math.min(at + 3, source.length())
        && source.charAt(end) >= '0'
        && source.charAt(end) < '8') {
      code = code * OCTAL + source.charAt(end++) - '0';
    }
    value.appendCodePoint(code);
    return end;
  }

  /** A whole number, in the base that its prefix says. */
  static Long integer(String text) {
    String digits = text.replace("_", "").toLowerCase(java.util.Locale.ROOT);
    int base =
        digits.startsWith("0x")
            ? HEX
            : digits.startsWith("0o") ? OCTAL : digits.startsWith("0b") ? 2 : 10;
    try {
      return Long.valueOf(base == 10 ? digits : digits.substring(2), base);
    } catch (NumberFormatException e) {
      throw new Fault("number " + text + " (expected: 64 bits)");
    }
  }
}
