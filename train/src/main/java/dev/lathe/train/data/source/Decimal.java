package dev.lathe.train.data.source;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * {@link Float#parseFloat} for decimals, without its cost: at most 18 digits by a power of ten that
 * is exact as a double are a double that is off by no more than a few units in its last place, so
 * that rounding it to a float is exact unless it lies that close to the middle between two floats.
 * All else is left to the JDK. Eight digits are read at a time.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/93542.93557">Clinger 1990</a>
 * @see <a href="https://arxiv.org/abs/2101.11408">Lemire 2021</a>
 */
final class Decimal {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int MOST_DIGITS = 18;
  private static final int MOST_EXPONENT = 1000;
  private static final long BELOW_FLOAT = (1L << 29) - 1;
  private static final long MIDDLE = 1L << 28;
  private static final int CLOSE = 8;
  private static final double[] TENS = new double[23];
  private static final long[] WHOLE_TENS = new long[9];

  static {
    TENS[0] = 1;
    for (int i = 1; i < TENS.length; i++) {
      TENS[i] = TENS[i - 1] * 10;
    }
    for (int i = 0; i < WHOLE_TENS.length; i++) {
      WHOLE_TENS[i] = (long) TENS[i];
    }
  }

  private byte[] text = new byte[0];
  private int at;
  private int limit;
  private long digits;

  /** Where the number that was read last ends. */
  int end() {
    return at;
  }

  /** The float nearest to text that is a number as a whole; NaN if it is none. */
  float parse(byte[] ascii, int from, int end) {
    float value = read(ascii, from, end);
    return at == end ? value : Float.NaN;
  }

  /** The float nearest to the number in ASCII that begins at a place; NaN if there is none. */
  float read(byte[] ascii, int from, int most) {
    text = ascii;
    limit = most;
    at = from;
    digits = 0;
    long minus = from < most && ascii[from] == '-' ? 1 : 0;
    at += (int) minus;
    int count = run();
    int power = 0;
    if (at < limit && ascii[at] == '.') {
      at++;
      power = -run();
      count -= power;
    }
    if (count == 0 || count > MOST_DIGITS) {
      return slow(from);
    }
    if (at < limit && (ascii[at] | 0x20) == 'e') {
      power += exponent();
    }
    if (power < -22 || power > 22) {
      return slow(from);
    }
    double value = power < 0 ? digits / TENS[-power] : digits * TENS[power];
    long off = (Double.doubleToRawLongBits(value) & BELOW_FLOAT) - MIDDLE;
    boolean sure = Math.abs(off) > CLOSE && value >= Float.MIN_NORMAL && value < Float.MAX_VALUE;
    if (!sure && digits != 0) {
      return slow(from);
    }
    return (float) Double.longBitsToDouble(Double.doubleToRawLongBits(value) | minus << 63);
  }

  /** Takes all digits from here on; returns how many. Beyond 18 their value is of no use. */
  private int run() {
    int from = at;
    int found = 8;
    while (found == 8 && at + 8 <= limit) {
      long off = (long) EIGHT.get(text, at) ^ 0x3030303030303030L;
      long others = (off + 0x7676767676767676L | off) & 0x8080808080808080L;
      found = Long.numberOfTrailingZeros(others) >>> 3;
      if (found > 0) {
        digits = digits * WHOLE_TENS[found] + eight(off << (8 - found) * 8);
        at += found;
      }
    }
    while (found == 8 && at < limit && text[at] >= '0' && text[at] <= '9') {
      digits = digits * 10 + (text[at++] - '0');
    }
    return at - from;
  }

  /** The number that eight digits are, the first in the lowest byte. */
  private static long eight(long each) {
    long pairs = each * 10 + (each >>> 8);
    long mask = 0x000000FF000000FFL;
    return (pairs & mask) * 0x000F424000000064L + (pairs >>> 16 & mask) * 0x0000271000000001L
        >>> 32;
  }

  /** The exponent from here on; too large where there is none or it is long. */
  private int exponent() {
    at++;
    boolean minus = at < limit && text[at] == '-';
    if (minus || at < limit && text[at] == '+') {
      at++;
    }
    int from = at;
    int value = 0;
    while (at < limit && text[at] >= '0' && text[at] <= '9') {
      value = Math.min(MOST_EXPONENT, value * 10 + (text[at++] - '0'));
    }
    if (at == from) {
      return MOST_EXPONENT;
    }
    return minus ? -value : value;
  }

  /** What the JDK makes of all characters that may belong to a number. */
  private float slow(int from) {
    at = from;
    while (at < limit && isPart(text[at])) {
      at++;
    }
    try {
      return Float.parseFloat(new String(text, from, at - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }

  private static boolean isPart(byte b) {
    return b >= '0' && b <= '9' || b == '+' || b == '-' || b == '.' || (b | 0x20) == 'e';
  }
}
