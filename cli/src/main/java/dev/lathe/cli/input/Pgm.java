package dev.lathe.cli.input;

/**
 * Reads grey pictures of the Netpbm kind, plain (P2) and binary (P5), which the JDK does not.
 *
 * @see <a href="https://netpbm.sourceforge.net/doc/pgm.html">PGM</a>
 */
final class Pgm {
  private static final int LARGEST_SIDE = 16_384;
  private static final int LARGEST_VALUE = 65_535;

  private final byte[] bytes;
  private final String where;
  private int at = 2;

  private Pgm(byte[] bytes, String where) {
    this.bytes = bytes;
    this.where = where;
  }

  static Grey read(byte[] bytes, String where) {
    return new Pgm(bytes, where).read();
  }

  private Grey read() {
    if (bytes[1] != '2' && bytes[1] != '5') {
      throw Inputs.bad(where + ": P" + (char) bytes[1] + " (expected: P2 or P5)", null);
    }
    int width = number("width", LARGEST_SIDE);
    int height = number("height", LARGEST_SIDE);
    int white = number("largest value", LARGEST_VALUE);
    if (width == 0 || height == 0 || white == 0) {
      throw Inputs.bad(where + ": an empty picture", null);
    }
    if ((long) width * height > bytes.length) {
      throw Inputs.bad(where + ": the picture ends early", null);
    }
    double[] values = new double[width * height];
    at += bytes[1] == '5' ? 1 : 0;
    for (int i = 0; i < values.length; i++) {
      int value = bytes[1] == '5' ? binary(white > 255) : number("pixel", white);
      values[i] = Math.min(1.0, (double) value / white);
    }
    return new Grey(values, width);
  }

  private int binary(boolean wide) {
    int high = wide ? next() : 0;
    return high << 8 | next();
  }

  private int next() {
    if (at >= bytes.length) {
      throw Inputs.bad(where + ": the picture ends early", null);
    }
    return bytes[at++] & 0xFF;
  }

  private int number(String what, int most) {
    skipBlanks();
    int start = at;
    long value = 0;
    while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9' && value <= most) {
      value = value * 10 + bytes[at++] - '0';
    }
    if (at == start || value > most) {
      throw Inputs.bad(where + ": no " + what + " (expected: 0 to " + most + ")", null);
    }
    return (int) value;
  }

  private void skipBlanks() {
    while (at < bytes.length && (Character.isWhitespace(bytes[at]) || bytes[at] == '#')) {
      if (bytes[at] == '#') {
        while (at < bytes.length && bytes[at] != '\n') {
          at++;
        }
      } else {
        at++;
      }
    }
  }
}
