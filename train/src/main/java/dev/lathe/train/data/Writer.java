package dev.lathe.train.data;

/**
 * How one person writes: the same in all drawings by this writer.
 *
 * @param slant shear to the right per height
 * @param width width of a digit by its height
 * @param size height of a digit in pixels
 * @param pen radius of the pen in pixels
 * @param ink darkness of a full stroke, 0 to 1
 * @param unsteady standard deviation of a point, by the digit's height
 * @param ways which way this writer prefers for each digit
 */
record Writer(
    double slant, double width, double size, double pen, double ink, double unsteady, int[] ways) {
  static Writer of(Dice dice) {
    int[] ways = new int[10];
    for (int digit = 0; digit < ways.length; digit++) {
      ways[digit] = dice.below(DigitShapes.ways(digit));
    }
    return new Writer(
        Math.max(-0.35, Math.min(0.55, 0.12 + 0.17 * dice.normal())),
        dice.uniform(0.52, 0.86),
        dice.uniform(17.0, 21.5),
        dice.uniform(0.75, 1.75),
        dice.uniform(0.75, 1.0),
        dice.uniform(0.012, 0.034),
        ways);
  }

  /** Mostly the way this writer prefers. */
  int way(int digit, Dice dice) {
    return dice.uniform() < 0.85 ? ways[digit] : dice.below(DigitShapes.ways(digit));
  }
}
