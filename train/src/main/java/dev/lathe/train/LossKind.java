package dev.lathe.train;

import java.util.Locale;

/** What a training step makes small. */
public enum LossKind {
  /** Mean over examples and outputs of (y - target)². */
  MEAN_SQUARED_ERROR,
  /** Mean of -log softmax(y)[target]. */
  CROSS_ENTROPY,
  /** Mean of -log sigmoid(±y), from the raw score. */
  BINARY_CROSS_ENTROPY;

  /**
   * The name in recipes.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
