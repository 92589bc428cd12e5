package dev.lathe.train;

import java.util.Locale;

/**
 * How files become images of one shape.
 *
 * @param fit how an image of another shape is brought to it
 * @param corrupt what happens to files that cannot be decoded
 */
public record ImageRecipe(Fit fit, Corrupt corrupt) {
  /** How an image of another shape is brought to the shape that is wanted. */
  public enum Fit {
    /** Its middle of the right proportions is resized. */
    CROP,
    /** All of it is resized, its proportions change. */
    STRETCH;

    /**
     * The name in recipes.
     *
     * @return the name in lower case
     */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happens to files that cannot be decoded. */
  public enum Corrupt {
    /** The first ends the run before it begins. */
    FAIL,
    /** They are left out, and their number is told. */
    SKIP;

    /**
     * The name in recipes.
     *
     * @return the name in lower case
     */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
