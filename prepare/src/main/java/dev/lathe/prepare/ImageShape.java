package dev.lathe.prepare;

/**
 * The shape of an image.
 *
 * @param channels C
 * @param height H
 * @param width W
 */
public record ImageShape(int channels, int height, int width) {
  /**
   * Numbers of an image.
   *
   * @return C·H·W
   */
  public int size() {
    return channels * height * width;
  }
}
