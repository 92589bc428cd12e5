package dev.lathe.serve.trial;

/**
 * How many of a number of requests were so, and what that says about all: bounds that hold unless
 * chance did what it does once in 740 times.
 *
 * @param part how many were so
 * @param whole of how many; 0 if none were seen
 * @see <a href="https://doi.org/10.1080/01621459.1927.10502953">Wilson 1927, the score interval</a>
 * @see <a
 *     href="https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I">Newcombe
 *     1998, method 10, the difference of two shares</a>
 */
public record Share(long part, long whole) {
  /** One-sided 0.135 %, in standard deviations. */
  static final double Z = 3;

  /**
   * The share itself.
   *
   * @return 0 to 1; 0 of none
   */
  public double value() {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /**
   * The least that the share of all is likely to be.
   *
   * @return 0 to 1; 0 of none
   */
  public double least() {
    return whole == 0 ? 0 : Math.max(0, middle() - margin());
  }

  /**
   * The most that the share of all is likely to be.
   *
   * @return 0 to 1; 1 of none
   */
  public double most() {
    return whole == 0 ? 1 : Math.min(1, middle() + margin());
  }

  /**
   * By how much this share is likely to exceed another at least.
   *
   * @param other the other
   * @return −1 to 1
   */
  public double leastExcess(Share other) {
    double below = value() - least();
    double above = other.most() - other.value();
    return value() - other.value() - Math.sqrt(below * below + above * above);
  }

  private double middle() {
    return (value() + Z * Z / (2 * whole)) / (1 + Z * Z / whole);
  }

  private double margin() {
    double p = value();
    return Z * Math.sqrt(p * (1 - p) / whole + Z * Z / (4.0 * whole * whole)) / (1 + Z * Z / whole);
  }
}
