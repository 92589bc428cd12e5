package dev.lathe.ir;

/**
 * The floating-point formats of eight bits and less, decoded by table and encoded by search.
 *
 * <p>Encoding rounds to nearest, ties to the even code, and saturates finite values and infinities
 * at the largest finite one, as ONNX Cast does with {@code saturate=1}; NaN stays NaN where the
 * format has one and becomes zero where it has none.
 *
 * @see <a href="https://onnx.ai/onnx/technical/float8.html">ONNX float8</a>
 */
final class MiniFloat {
  private static final MiniFloat E4M3FN = new MiniFloat(4, 3, 7, Special.NAN_AT_END);
  private static final MiniFloat E4M3FNUZ = new MiniFloat(4, 3, 8, Special.NAN_AT_MINUS_ZERO);
  private static final MiniFloat E5M2 = new MiniFloat(5, 2, 15, Special.IEEE);
  private static final MiniFloat E5M2FNUZ = new MiniFloat(5, 2, 16, Special.NAN_AT_MINUS_ZERO);
  private static final MiniFloat E2M1 = new MiniFloat(2, 1, 1, Special.NONE);
  private static final MiniFloat E8M0 = new MiniFloat(8, 0, 127, Special.NAN_AT_END);

  private enum Special {
    IEEE,
    NAN_AT_END,
    NAN_AT_MINUS_ZERO,
    NONE
  }

  private final double[] values;
  private final int positives;
  private final boolean signed;
  private final int nan;

  private MiniFloat(int exponentBits, int mantissaBits, int bias, Special special) {
    this.signed = exponentBits < 8;
    this.positives = 1 << (exponentBits + mantissaBits);
    this.values = new double[signed ? 2 * positives : positives];
    for (int code = 0; code < positives; code++) {
      values[code] = finite(code, mantissaBits, bias);
    }
    switch (special) {
      case IEEE -> {
        int first = positives - (1 << mantissaBits);
        values[first] = Double.POSITIVE_INFINITY;
        java.util.Arrays.fill(values, first + 1, positives, Double.NaN);
      }
      case NAN_AT_END -> values[positives - 1] = Double.NaN;
      case NAN_AT_MINUS_ZERO, NONE -> {}
    }
    for (int code = 0; signed && code < positives; code++) {
      values[positives + code] = -values[code];
    }
    if (special == Special.NAN_AT_MINUS_ZERO) {
      values[positives] = Double.NaN;
    }
    this.nan =
        switch (special) {
          case IEEE, NAN_AT_END -> positives - 1;
          case NAN_AT_MINUS_ZERO -> positives;
          case NONE -> 0;
        };
  }

  private double finite(int code, int mantissaBits, int bias) {
    int exponent = code >> mantissaBits;
    double fraction = (code & (1 << mantissaBits) - 1) / (double) (1 << mantissaBits);
    return !signed
        ? Math.scalb(1.0, exponent - bias)
        : exponent == 0
            ? Math.scalb(fraction, 1 - bias)
            : Math.scalb(1 + fraction, exponent - bias);
  }

  static MiniFloat of(ElementType type) {
    return switch (type) {
      case FLOAT8E4M3FN -> E4M3FN;
      case FLOAT8E4M3FNUZ -> E4M3FNUZ;
      case FLOAT8E5M2 -> E5M2;
      case FLOAT8E5M2FNUZ -> E5M2FNUZ;
      case FLOAT4E2M1 -> E2M1;
      case FLOAT8E8M0 -> E8M0;
      default -> throw new LatheException(IrError.TYPE_MISMATCH, type + " is no small float type");
    };
  }

  double decode(int code) {
    return values[code];
  }

  int encode(double value) {
    if (Double.isNaN(value)) {
      return nan;
    }
    double size = Math.abs(value);
    int best = 0;
    for (int code = 1; code < positives; code++) {
      double error = Math.abs(size - values[code]) - Math.abs(size - values[best]);
      if (Double.isFinite(values[code]) && size < Double.POSITIVE_INFINITY
          ? error < 0 || error == 0 && code % 2 == 0
          : Double.isFinite(values[code])) {
        best = code;
      }
    }
    boolean negative = value < 0 || value == 0 && 1 / value < 0;
    return negative && signed && positives + best != nan
        ? positives + best
        : signed || !negative ? best : 0;
  }
}
