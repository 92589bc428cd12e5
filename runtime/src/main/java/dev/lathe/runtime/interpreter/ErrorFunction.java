package dev.lathe.runtime.interpreter;

/**
 * The error function to double precision.
 *
 * @see <a href="https://dlmf.nist.gov/7.6">DLMF 7.6.2</a> for the series, <a
 *     href="https://dlmf.nist.gov/7.9">DLMF 7.9.1</a> for the continued fraction
 */
final class ErrorFunction {
  private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
  private static final double SERIES_ENDS = 2.5;
  private static final double ONE_FROM = 6;
  private static final int FRACTION_TERMS = 80;

  private ErrorFunction() {}

  static double erf(double x) {
    double size = Math.abs(x);
    if (size < SERIES_ENDS) {
      return series(x);
    }
    double tail = size < ONE_FROM ? Math.exp(-size * size) * fraction(size) : 0;
    return Double.isNaN(x) ? x : Math.copySign(1 - tail, x);
  }

  /** All terms have one sign, so nothing cancels: erf x = 2/√π·e^(-x²)·Σ 2ⁿx²ⁿ⁺¹/(2n+1)!!. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
  }

  /** e^(x²)·erfc x = 1/√π·1/(x + ½/(x + 1/(x + 3/2/(x + …)))), from the far end back. */
  private static double fraction(double x) {
    double rest = x;
    for (int n = FRACTION_TERMS; n > 0; n--) {
      rest = x + n / 2.0 / rest;
    }
    return TWO_OVER_ROOT_PI / 2 / rest;
  }
}
