package dev.lathe.benchmarks.serving;

import java.util.List;

/**
 * A straight line through points at 0, 1, 2, …, by least squares.
 *
 * @param slope how much a step adds
 * @param error twice the slope's standard error: the true slope lies within it 19 times in 20
 */
public record Line(double slope, double error) {
  /**
   * The line that fits best.
   *
   * @param values at 0, 1, 2, …; at least three
   * @return the line
   */
  public static Line through(List<Double> values) {
    int count = values.size();
    double middle = (count - 1) / 2.0;
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    double spread = 0;
    double joint = 0;
    for (int i = 0; i < count; i++) {
      spread += (i - middle) * (i - middle);
      joint += (i - middle) * (values.get(i) - mean);
    }
    double slope = joint / spread;
    double rest = 0;
    for (int i = 0; i < count; i++) {
      double off = values.get(i) - mean - slope * (i - middle);
      rest += off * off;
    }
    return new Line(slope, 2 * Math.sqrt(rest / (count - 2) / spread));
  }

  /**
   * Whether it may as well be level.
   *
   * @return true if what it rises by is within its error
   */
  public boolean isLevel() {
    return slope - error <= 0;
  }
}
