package dev.lathe.train;

/**
 * How training images are changed at random each time they are seen; what is drawn depends on the
 * run's seed, the epoch and the place in it only. What comes in from outside is 0.
 *
 * @param flip probability of left and right being swapped, 0 to 1
 * @param crop pixels by which an image is moved at most, up or down and left or right
 * @param rotate degrees by which it is turned at most, either way
 * @param shift part of its sides by which it is moved at most
 * @param scale part by which it is enlarged or made smaller at most, below 1
 * @param brightness part by which all numbers are multiplied or lessened at most
 * @param contrast part by which all differences from the mean are at most
 * @param cutout side of a square that is made 0, in pixels
 */
public record AugmentRecipe(
    double flip,
    int crop,
    double rotate,
    double shift,
    double scale,
    double brightness,
    double contrast,
    int cutout) {
  /** Images as they are. */
  public static final AugmentRecipe NONE = new AugmentRecipe(0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * Whether an image is turned, moved by parts of a pixel, or scaled.
   *
   * @return true if so
   */
  public boolean isAffine() {
    return rotate > 0 || shift > 0 || scale > 0;
  }
}
