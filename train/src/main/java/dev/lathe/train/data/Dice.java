package dev.lathe.train.data;

/**
 * Random numbers that are the same on every machine and for ever: SplitMix64 (Steele, Lea and Flood
 * 2014), begun from a seed and a stream so that independent things never share numbers.
 */
public final class Dice {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  /**
   * Numbers of one stream.
   *
   * @param seed the seed
   * @param stream what they are for: any path of numbers
   */
  public Dice(long seed, long... stream) {
    long mixed = mix(seed + GOLDEN);
    for (long part : stream) {
      mixed = mix(mixed ^ mix(part + GOLDEN));
    }
    state = mixed;
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  /**
   * The next 64 bits.
   *
   * @return any long
   */
  public long next() {
    state += GOLDEN;
    return mix(state);
  }

  /**
   * A uniform number.
   *
   * @return 0 to below 1
   */
  public double uniform() {
    return (next() >>> 11) * 0x1p-53;
  }

  /**
   * A uniform number of a range.
   *
   * @param low the least
   * @param high the bound
   * @return low to below high
   */
  public double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /**
   * A uniform whole number.
   *
   * @param bound above 0
   * @return 0 to below the bound
   */
  public int below(int bound) {
    return (int) Math.unsignedMultiplyHigh(next(), bound);
  }

  /**
   * A number from the normal distribution (Marsaglia's polar method).
   *
   * @return mean 0, standard deviation 1
   */
  public double normal() {
    while (true) {
      double u = uniform(-1, 1);
      double v = uniform(-1, 1);
      double s = u * u + v * v;
      if (s > 0 && s < 1) {
        return u * Math.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /**
   * A random order (Fisher and Yates).
   *
   * @param size how many
   * @return 0 to size - 1, shuffled
   */
  public int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
