package dev.lathe.server.oip;

/**
 * Short decimals to binary, exactly rounded, without an object. A decimal of up to 15 digits with a
 * power of ten up to 22 is one exact product or quotient of doubles; whatever is longer, or hits
 * the middle between two floats, is left to a slower parser.
 *
 * @see <a href="https://doi.org/10.1145/93542.93557">W. D. Clinger: How to read floating point
 *     numbers accurately, 1990</a>
 */
final class Decimals {
  /** The answer for a decimal that this class does not read. */
  static final double UNREAD = Double.NaN;

  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /** So many characters hold 15 digits with a point or a sign, or 16 digits without either. */
  private static final int LONGEST = 16;

  private static final long FLOAT_TAIL = (1L << 29) - 1;
  private static final int LARGEST_POWER = 22;

  /** Up to here every whole number is a double. */
  private static final long EXACT = 1L << 53;

  /** Two roundings of half a unit each, and one to spare. */
  private static final long ROUNDINGS = 2;

  private static final long FLOAT_HALF = 1L << 28;

  private Decimals() {}

  /**
   * The double nearest to a JSON number.
   *
   * @param text holds the number, known to be valid JSON
   * @param from where it begins
   * @param length how many characters it has
   * @return the value, or {@link #UNREAD}
   */
  static double toDouble(char[] text, int from, int length) {
    if (length > LONGEST) {
      return UNREAD;
    }
    int at = from;
    int end = from + length;
    boolean negative = text[at] == '-';
    if (negative) {
      at++;
    }
    long digits = 0;
    int fraction = 0;
    int point = -1;
    for (; at < end; at++) {
      int digit = text[at] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
      } else if (text[at] == '.') {
        point = at;
      } else {
        return UNREAD;
      }
    }
    if (point >= 0) {
      fraction = end - point - 1;
    }
    double value = digits / POWERS[fraction];
    return negative ? -value : value;
  }

  /**
   * The double nearest to a decimal.
   *
   * @param digits from 0
   * @param power of ten that they are multiplied with
   * @return the value, or {@link #UNREAD}
   */
  static double toDouble(long digits, int power) {
    if (digits > EXACT || power < -LARGEST_POWER || power > LARGEST_POWER) {
      return digits == 0 ? 0 : UNREAD;
    }
    return power < 0 ? digits / POWERS[-power] : digits * POWERS[power];
  }

  /**
   * A double that rounds to the float nearest to a decimal: at most two roundings away from the
   * decimal, and farther than that from the middle between two floats.
   *
   * @param digits from 0
   * @param power of ten that they are multiplied with
   * @return the value, or {@link #UNREAD}
   */
  static double nearFloat(long digits, int power) {
    if (power < -LARGEST_POWER || power > LARGEST_POWER) {
      return digits == 0 ? 0 : UNREAD;
    }
    double value = power < 0 ? digits / POWERS[-power] : digits * POWERS[power];
    boolean ordinary = value >= Float.MIN_NORMAL && value <= Float.MAX_VALUE || value == 0;
    long tail = Double.doubleToRawLongBits(value) & FLOAT_TAIL;
    return ordinary && Math.abs(tail - FLOAT_HALF) > ROUNDINGS ? value : UNREAD;
  }

  /**
   * Whether rounding an exactly rounded double once more, to a float, could go wrong.
   *
   * @param value the double nearest to some decimal
   * @return true if the float must be found in another way
   */
  static boolean isUnsafeForFloat(double value) {
    double size = Math.abs(value);
    boolean ordinary = size >= Float.MIN_NORMAL && size <= Float.MAX_VALUE || size == 0;
    return !ordinary || (Double.doubleToRawLongBits(value) & FLOAT_TAIL) == FLOAT_HALF;
  }
}
