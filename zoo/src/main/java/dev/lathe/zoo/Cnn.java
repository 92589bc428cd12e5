package dev.lathe.zoo;

import dev.lathe.ir.Model;
import java.util.List;

/**
 * Convolutional stages over an image, then affine layers.
 *
 * @param image the size of one example
 * @param stages convolutions, first to last
 * @param hidden sizes of the affine layers between the last stage and the scores
 * @param outputs scores, the size of y's second axis
 * @param activation the function after each stage and each hidden layer
 */
public record Cnn(
    Image image, List<Stage> stages, List<Integer> hidden, int outputs, Activation activation)
    implements Architecture {
  /**
   * The size of one example: x is [N, channels, height, width].
   *
   * @param channels channels
   * @param height rows
   * @param width columns
   */
  public record Image(int channels, int height, int width) {}

  /**
   * One convolution, its activation, and a maximum pool.
   *
   * @param channels output channels
   * @param kernel side of the square kernel
   * @param stride step of the kernel
   * @param padding zeros on each side
   * @param pool side and step of the maximum pool; 1 for none
   */
  public record Stage(int channels, int kernel, int stride, int padding, int pool) {}

  @Override
  public Model build(long seed, Initializer initializer) {
    throw new UnsupportedOperationException();
  }
}
