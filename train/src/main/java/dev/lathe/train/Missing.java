package dev.lathe.train;

import java.util.Locale;

/**
 * What becomes of a number that is missing among the features of a record: an empty cell, {@code
 * NaN}, {@code null}. What stands for it travels inside the released model, which takes NaN.
 */
public enum Missing {
  /** An error that names the place. */
  ERROR,
  /** The mean of the numbers that are there, of this feature, in the training part. */
  MEAN,
  /** Zero. */
  ZERO;

  /**
   * The name in recipes.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
