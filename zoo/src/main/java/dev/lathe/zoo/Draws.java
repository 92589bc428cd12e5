package dev.lathe.zoo;

/**
 * Uniform and normal numbers by SplitMix64: integer arithmetic, exact scaling and {@link
 * StrictMath} only, so that a seed gives the same numbers on every machine. Not safe for use by
 * several threads.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood 2014</a>
 */
final class Draws {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int BITS = 24;
  private static final int PRECISION = 53;

  private long state;

  Draws(long seed) {
    this.state = mix(seed);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The next number of a normal distribution around zero, by Box and Muller. */
  float normal(double deviation) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(fraction()));
    return (float) (deviation * radius * StrictMath.cos(2 * Math.PI * fraction()));
  }

  /** Above 0, up to 1. */
  private double fraction() {
    state += GOLDEN;
    return Math.scalb((double) (mix(state) >>> (Long.SIZE - PRECISION)) + 1, -PRECISION);
  }

  /** The next number, from -bound up to, not including, bound. */
  float within(double bound) {
    state += GOLDEN;
    long steps = mix(state) >>> (Long.SIZE - BITS);
    double unit = Math.scalb((double) steps, 1 - BITS) - 1;
    return (float) (unit * bound);
  }
}
