package dev.lathe.train;

import java.util.Locale;

/**
 * How raw features become what the network sees. The constants are taken from the training part
 * only and travel inside the released model, so that callers send raw data.
 */
public enum Normalization {
  /** Features as they are. */
  NONE,
  /** Divided by the largest absolute value of all features. */
  SCALE,
  /** Each feature minus its mean, by its standard deviation. */
  STANDARD,
  /** All features minus one mean, by one standard deviation; the usual choice for images. */
  STANDARD_ALL;

  /**
   * The name in recipes.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
