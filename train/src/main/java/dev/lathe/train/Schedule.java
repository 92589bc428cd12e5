package dev.lathe.train;

import java.util.Locale;

/** How the learning rate changes over a run. */
public enum Schedule {
  /** It stays. */
  CONSTANT {
    @Override
    public double factor(long step, long steps) {
      return 1;
    }
  },
  /** Half a cosine wave from 1 down to 0 (Loshchilov and Hutter 2017, without restarts). */
  COSINE {
    @Override
    public double factor(long step, long steps) {
      return 0.5 * (1 + StrictMath.cos(StrictMath.PI * (step - 1) / Math.max(1, steps)));
    }
  };

  /**
   * What the learning rate is multiplied by.
   *
   * @param step the step about to be made, from 1
   * @param steps all steps of the run
   * @return 0 to 1
   */
  public abstract double factor(long step, long steps);

  /**
   * The name in recipes.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
