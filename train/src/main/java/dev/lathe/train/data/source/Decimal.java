package dev.lathe.train.data.source;

import java.nio.charset.StandardCharsets;

/**
 * {@link Float#parseFloat} for decimals, without its cost: digits of less than 10¹⁸ by a power of
 * ten that is exact as a double are a double that is off by no more than a few units in its last
 * place, so that rounding it to a float is exact unless it lies that close to the middle between
 * two floats. All else is left to the JDK.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/93542.93557">Clinger 1990</a>
 */
final class Decimal {
  private static final long MOST = 100_000_000_000_000_000L;
  private static final int MOST_EXPONENT = 1000;
  private static final long BELOW_FLOAT = (1L << 29) - 1;
  private static final long MIDDLE = 1L << 28;
  private static final int CLOSE = 8;
  private static final double[] TENS = new double[23];

  static {
    TENS[0] = 1;
    for (int i = 1; i < TENS.length; i++) {
      TENS[i] = TENS[i - 1] * 10;
    }
  }

  private Decimal() {}

  /** The float nearest to a number in ASCII; NaN if it is none, or not written plainly. */
  static float parse(byte[] text, int from, int end) {
    int at = from;
    boolean minus = at < end && text[at] == '-';
    if (minus) {
      at++;
    }
    long digits = 0;
    int power = 0;
    int first = at;
    while (at < end && isDigit(text[at]) && digits < MOST) {
      digits = digits * 10 + (text[at++] - '0');
    }
    int count = at - first;
    if (at < end && text[at] == '.') {
      first = ++at;
      while (at < end && isDigit(text[at]) && digits < MOST) {
        digits = digits * 10 + (text[at++] - '0');
      }
      power = first - at;
      count -= power;
      while (at < end && isDigit(text[at])) {
        at++;
      }
    }
    if (at < end && (text[at] | 0x20) == 'e') {
      int exponent = exponent(text, at + 1, end);
      if (Math.abs(exponent) < MOST_EXPONENT) {
        power += exponent;
        at = end;
      }
    }
    if (at < end || count == 0 || power < -22 || power > 22) {
      return slow(text, from, end);
    }
    double value = power < 0 ? digits / TENS[-power] : digits * TENS[power];
    long off = (Double.doubleToRawLongBits(value) & BELOW_FLOAT) - MIDDLE;
    boolean sure = Math.abs(off) > CLOSE && value >= Float.MIN_NORMAL && value < Float.MAX_VALUE;
    if (!sure && digits != 0) {
      return slow(text, from, end);
    }
    return minus ? (float) -value : (float) value;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** The exponent that fills the rest, or {@link #MOST_EXPONENT} if there is none so small. */
  private static int exponent(byte[] text, int from, int end) {
    int at = from;
    boolean minus = at < end && text[at] == '-';
    if (minus || at < end && text[at] == '+') {
      at++;
    }
    if (at == end || end - at > 3) {
      return MOST_EXPONENT;
    }
    int value = 0;
    for (; at < end; at++) {
      if (!isDigit(text[at])) {
        return MOST_EXPONENT;
      }
      value = value * 10 + (text[at] - '0');
    }
    return minus ? -value : value;
  }

  private static float slow(byte[] text, int from, int end) {
    for (int i = from; i < end; i++) {
      if (!isDigit(text[i]) && "+-.eE".indexOf(text[i]) < 0) {
        return Float.NaN;
      }
    }
    try {
      return Float.parseFloat(new String(text, from, end - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }
}
