package dev.lathe.prepare;

import java.util.Locale;

/** How an image of another shape is brought to the shape that is wanted. */
public enum Fit {
  /** Its middle of the right proportions is resized. */
  CROP,
  /** All of it is resized, its proportions change. */
  STRETCH;

  /**
   * The name in files.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
