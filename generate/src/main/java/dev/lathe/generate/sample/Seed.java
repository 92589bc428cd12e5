package dev.lathe.generate.sample;

/**
 * Random numbers by their place instead of by their turn: the number for a token of an answer is a
 * function of the request's seed, the answer and the token's place. So it is the same whatever else
 * runs, and however often the token is computed anew.
 *
 * @see <a href="https://doi.org/10.1145/2063384.2063405">Salmon et al. 2011, counter-based
 *     generators</a>
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele et al. 2014, the mixing
 *     function</a>
 */
public final class Seed {
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private final long stream;

  private Seed(long stream) {
    this.stream = stream;
  }

  /**
   * The numbers of one answer.
   *
   * @param seed of the request
   * @param choice which answer, from 0
   * @return its numbers
   */
  public static Seed of(long seed, int choice) {
    return new Seed(mix(mix(seed + STEP) + (choice + 1) * STEP));
  }

  /**
   * A number for a token.
   *
   * @param place of the token in the answer, from 0
   * @return at least 0, less than 1
   */
  public double at(int place) {
    return (mix(stream + (place + 1) * STEP) >>> 11) * 0x1.0p-53;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
