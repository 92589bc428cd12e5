package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Datatype;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the numbers of a tensor, flat or in nested arrays, straight from the body's bytes, without
 * a token for each. Decimals of up to 18 digits become binary by exact arithmetic where that can be
 * shown to round once; all others by the library's parser.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259, numbers</a>
 */
final class NumberRun {
  private static final Set<Datatype> NUMBERS =
      Set.of(
          Datatype.FP16,
          Datatype.BF16,
          Datatype.FP32,
          Datatype.FP64,
          Datatype.INT8,
          Datatype.INT16,
          Datatype.INT32,
          Datatype.INT64,
          Datatype.UINT8,
          Datatype.UINT16,
          Datatype.UINT32,
          Datatype.UINT64);

  /** So many fit into a long, with a sign and a point among them. */
  private static final int MOST_DIGITS = 18;

  /** Most numbers are shorter. */
  private static final int USUAL = 64;

  /** Longer ones are refused. */
  private static final int LONGEST = 1000;

  /** So much of what is no number is shown. */
  private static final int SHOWN = 60;

  private static final Pattern VALUE = Pattern.compile("\"[^\"]*\"?|[^\\s,\\[\\]{}:\"]+");

  /** A digit more would not fit. */
  private static final long MOST = Long.MAX_VALUE / 10;

  /** Powers of ten beyond it are 0 or infinite whatever the digits. */
  private static final int FARTHEST = 100_000;

  private final String input;
  private final BodyBytes body;
  private final InputElements into;
  private final Nesting levels;

  /** The number that was read last is digits · 10^power, if {@code exact}. */
  private long digits;

  private int power;
  private boolean negative;
  private boolean whole;
  private boolean exact;
  private long counted;

  NumberRun(String input, BodyBytes body, InputElements into, Nesting levels) {
    this.input = input;
    this.body = body;
    this.into = into;
    this.levels = levels;
  }

  /** Whether elements of a type are written as numbers. */
  static boolean takes(Datatype type) {
    return NUMBERS.contains(type);
  }

  /**
   * Reads from behind the outermost opening bracket to before the closing one.
   *
   * @throws LatheException BAD_REQUEST for anything that is no number or does not fit
   */
  void read() {
    Place place = Place.OPENED;
    while (true) {
      int next = next();
      if (place == Place.VALUE) {
        if (next == ',') {
          step();
          place = Place.COMMA;
        } else if (next != ']') {
          throw unexpected("\",\" or \"]\"");
        } else if (closes()) {
          return;
        }
      } else if (next == '[') {
        open();
        place = Place.OPENED;
      } else if (next == ']' && place == Place.OPENED) {
        if (closes()) {
          return;
        }
        place = Place.VALUE;
      } else if (into.isSingle() && floats()) {
        place = Place.COMMA;
      } else {
        number(next);
        place = Place.VALUE;
      }
    }
  }

  /**
   * Reads floats of the usual form, each with a comma right behind it, as long as there are such.
   *
   * @return false if there was none
   */
  private boolean floats() {
    byte[] bytes = body.bytes();
    int safe = body.end() - USUAL;
    int start = body.at();
    int read = start;
    while (read < safe) {
      int at = bytes[read] == '-' ? read + 1 : read;
      int first = at;
      long value = 0;
      int digit = bytes[at] - '0';
      while (digit >= 0 && digit <= 9 && at < read + MOST_DIGITS) {
        value = value * 10 + digit;
        digit = bytes[++at] - '0';
      }
      int point = at;
      if (bytes[at] == '.' && at > first) {
        digit = bytes[++at] - '0';
        while (digit >= 0 && digit <= 9 && at < read + MOST_DIGITS) {
          value = value * 10 + digit;
          digit = bytes[++at] - '0';
        }
      }
      boolean plain = at > point + 1 || at == point && at > first;
      if (!plain || bytes[at] != ',' || bytes[first] == '0' && point > first + 1) {
        break;
      }
      double near = Decimals.nearFloat(value, Math.min(0, point + 1 - at));
      if (Double.isNaN(near)) {
        break;
      }
      into.addFloat((float) (first > read ? -near : near));
      read = at + 1;
    }
    body.readTo(read);
    return read > start;
  }

  /** What was read last. */
  private enum Place {
    OPENED,
    COMMA,
    VALUE
  }

  private void open() {
    count();
    levels.open();
    step();
  }

  /** Leaves the array that ends; true if it is the outermost, which stays unread. */
  private boolean closes() {
    count();
    if (levels.isOutermost()) {
      return true;
    }
    levels.close();
    step();
    return false;
  }

  private void count() {
    levels.values(into.count() - counted);
    counted = into.count();
  }

  private void step() {
    body.readTo(body.at() + 1);
  }

  /** The next byte that is no space, unread; 0 at the end. */
  private int next() {
    while (true) {
      if (body.end() - body.at() < USUAL) {
        body.require(USUAL);
      }
      byte[] bytes = body.bytes();
      int at = body.at();
      while (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t') {
        at++;
      }
      body.readTo(at);
      if (at < body.end() || !body.require(1)) {
        return bytes[at];
      }
    }
  }

  private void number(int first) {
    if (first != '-' && (first < '0' || first > '9')) {
      throw unexpected("a number");
    }
    int to = scan();
    if (to >= body.end()) {
      body.require(LONGEST + 1);
      to = scan();
    }
    if (to - body.at() > LONGEST) {
      throw into.bad(text(to), "a number of at most " + LONGEST + " characters");
    }
    add(to);
    body.readTo(to);
  }

  /** Reads a number's parts; returns where it ends. */
  private int scan() {
    byte[] bytes = body.bytes();
    int at = body.at();
    negative = bytes[at] == '-';
    if (negative) {
      at++;
    }
    digits = 0;
    power = 0;
    exact = true;
    int start = at;
    at = digits(bytes, at);
    if (at == start || bytes[start] == '0' && at > start + 1) {
      throw unexpected("a number as JSON has it");
    }
    whole = bytes[at] != '.' && (bytes[at] | 0x20) != 'e';
    if (bytes[at] == '.') {
      int point = at + 1;
      at = digits(bytes, point);
      power = point - at;
      if (at == point && at < body.end()) {
        throw unexpected("a digit behind the point");
      }
    }
    return (bytes[at] | 0x20) == 'e' ? exponent(bytes, at + 1) : at;
  }

  private int digits(byte[] bytes, int from) {
    int at = from;
    long value = digits;
    int digit = bytes[at] - '0';
    while (digit >= 0 && digit <= 9) {
      if (value >= MOST) {
        exact = false;
        value = 0;
      }
      value = value * 10 + digit;
      digit = bytes[++at] - '0';
    }
    digits = value;
    return at;
  }

  private int exponent(byte[] bytes, int from) {
    int at = from;
    boolean down = bytes[at] == '-';
    if (down || bytes[at] == '+') {
      at++;
    }
    int value = 0;
    int start = at;
    for (int digit = bytes[at] - '0'; digit >= 0 && digit <= 9; digit = bytes[++at] - '0') {
      value = Math.min(value * 10 + digit, FARTHEST);
    }
    if (at == start && at < body.end()) {
      throw unexpected("a digit in the exponent");
    }
    power += down ? -value : value;
    return at;
  }

  private void add(int to) {
    if (into.isInteger()) {
      addInteger(to);
    } else if (into.isDouble()) {
      double value = exact ? Decimals.toDouble(digits, power) : Decimals.UNREAD;
      double found = Double.isNaN(value) ? Double.parseDouble(text(to)) : signed(value);
      require(into.addDouble(found), to);
    } else {
      double value = exact ? Decimals.nearFloat(digits, power) : Decimals.UNREAD;
      float found = Double.isNaN(value) ? Float.parseFloat(text(to)) : (float) signed(value);
      require(into.addFloat(found), to);
    }
  }

  private double signed(double value) {
    return negative ? -value : value;
  }

  private void addInteger(int to) {
    if (whole && exact) {
      require(into.addLong(negative ? -digits : digits), to);
    } else {
      require(whole && into.addInteger(new BigInteger(text(to))), to);
    }
  }

  private void require(boolean added, int to) {
    if (!added) {
      throw into.bad(text(to), into.range());
    }
  }

  private String text(int to) {
    return new String(body.bytes(), body.at(), to - body.at(), StandardCharsets.ISO_8859_1);
  }

  private LatheException unexpected(String expected) {
    body.require(SHOWN);
    if (body.at() == body.end()) {
      return BodyReader.bad("body: JSON ends too early, in the data of input \"" + input + "\"");
    }
    String rest = text(Math.min(body.end(), body.at() + SHOWN));
    Matcher value = VALUE.matcher(rest);
    return into.bad(value.lookingAt() ? value.group() : "'" + rest.charAt(0) + "'", expected);
  }
}
