package dev.lathe.train;

import dev.lathe.prepare.Fit;
import java.util.Locale;

/**
 * How files become images of one shape.
 *
 * @param fit how an image of another shape is brought to it
 * @param corrupt what happens to files that cannot be decoded
 */
public record ImageRecipe(Fit fit, Corrupt corrupt) {
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
