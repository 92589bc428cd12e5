package dev.lathe.train.data.source;

/**
 * {@link Float#parseFloat} for plain decimals, without its cost: a whole number below 2⁵³ by a
 * power of ten below 10²³ is one division of doubles, rounded once; rounding that to a float once
 * more is exact unless the double is in the middle between two floats. All else is left to the JDK.
 *
 * @see <a href="https://dl.acm.org/doi/10.1145/93542.93557">Clinger 1990</a>
 */
final class Decimal {
  private static final long MOST = 1L << 53;
  private static final long BELOW_FLOAT = (1L << 29) - 1;
  private static final long MIDDLE = 1L << 28;
  private static final double[] TENS = new double[23];

  static {
    TENS[0] = 1;
    for (int i = 1; i < TENS.length; i++) {
      TENS[i] = TENS[i - 1] * 10;
    }
  }

  private Decimal() {}

  /** The float nearest to a number in text; NumberFormatException if it is none. */
  static float parse(String text) {
    int length = text.length();
    int at = length > 0 && text.charAt(0) == '-' ? 1 : 0;
    long digits = 0;
    int point = -1;
    int count = 0;
    for (int i = at; i < length; i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9' && digits < MOST / 10) {
        digits = digits * 10 + (c - '0');
        count++;
      } else if (c == '.' && point < 0) {
        point = i;
      } else {
        return Float.parseFloat(text);
      }
    }
    int behind = point < 0 ? 0 : length - 1 - point;
    if (count == 0 || behind >= TENS.length || digits == 0) {
      return Float.parseFloat(text);
    }
    double value = digits / TENS[behind];
    boolean middle = (Double.doubleToRawLongBits(value) & BELOW_FLOAT) == MIDDLE;
    if (middle || value < Float.MIN_NORMAL) {
      return Float.parseFloat(text);
    }
    return at == 1 ? (float) -value : (float) value;
  }
}
