package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import java.util.List;

/**
 * Convolutional stages over an image, then affine layers; x FLOAT [N, channels, height, width].
 *
 * @param image the size of one example
 * @param stages convolutions, first to last; at least one
 * @param hidden sizes of the affine layers between the last stage and the scores; may be empty
 * @param outputs scores, the size of y's second axis
 * @param activation the function after each stage and each hidden layer
 * @param dropout ratio left out after each hidden layer while training; 0 for none
 */
public record Cnn(
    Image image,
    List<Stage> stages,
    List<Integer> hidden,
    int outputs,
    Activation activation,
    double dropout)
    implements Architecture {
  /**
   * The size of one example.
   *
   * @param channels channels
   * @param height rows
   * @param width columns
   */
  public record Image(int channels, int height, int width) {
    /**
     * Refuses sizes out of range.
     *
     * @throws LatheException BAD_ARCHITECTURE
     */
    public Image {
      Limits.require("cnn: channels", channels, 1, Limits.MOST_CHANNELS);
      Limits.require("cnn: height", height, 1, Limits.MOST_PIXELS);
      Limits.require("cnn: width", width, 1, Limits.MOST_PIXELS);
    }

    private long size() {
      return (long) channels * height * width;
    }
  }

  /**
   * One convolution, its activation, and a maximum pool.
   *
   * @param channels output channels
   * @param kernel side of the square kernel
   * @param stride step of the kernel
   * @param padding zeros on each side, less than the kernel
   * @param pool side and step of the maximum pool; 1 for none
   */
  public record Stage(int channels, int kernel, int stride, int padding, int pool) {
    /**
     * Refuses sizes out of range.
     *
     * @throws LatheException BAD_ARCHITECTURE
     */
    public Stage {
      Limits.require("cnn stage: channels", channels, 1, Limits.MOST_CHANNELS);
      Limits.require("cnn stage: kernel", kernel, 1, Limits.MOST_KERNEL);
      Limits.require("cnn stage: stride", stride, 1, Limits.MOST_KERNEL);
      Limits.require("cnn stage: padding", padding, 0, kernel - 1L);
      Limits.require("cnn stage: pool", pool, 1, Limits.MOST_KERNEL);
    }

    /**
     * A stage that keeps height and width before its pool: stride 1, padding of half the kernel.
     *
     * @param channels output channels
     * @param kernel side of the square kernel, odd
     * @param pool side and step of the maximum pool; 1 for none
     * @return the stage
     */
    public static Stage same(int channels, int kernel, int pool) {
      return new Stage(channels, kernel, 1, kernel / 2, pool);
    }

    private int side(String what, int side) {
      int padded = side + 2 * padding;
      Limits.require(what + ": kernel", kernel, 1, padded);
      int convolved = (padded - kernel) / stride + 1;
      Limits.require(what + ": pool", pool, 1, convolved);
      return convolved / pool;
    }
  }

  /**
   * Copies the lists and refuses sizes out of range, and stages whose kernel or pool is larger than
   * what is left of the image.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public Cnn {
    stages = List.copyOf(stages);
    hidden = List.copyOf(hidden);
    Limits.requireLayers("cnn: stages", stages, 1);
    Limits.requireFeatures("cnn: hidden", hidden);
    Limits.require("cnn: outputs", outputs, 1, Limits.MOST_FEATURES);
    Limits.require("cnn: features", features(image, stages).size(), 1, Limits.MOST_FEATURES);
    Limits.requireRatio("cnn: dropout", dropout);
  }

  /**
   * A network without dropout.
   *
   * @param image the size of one example
   * @param stages convolutions, first to last; at least one
   * @param hidden sizes of the affine layers between the last stage and the scores; may be empty
   * @param outputs scores, the size of y's second axis
   * @param activation the function after each stage and each hidden layer
   */
  public Cnn(
      Image image, List<Stage> stages, List<Integer> hidden, int outputs, Activation activation) {
    this(image, stages, hidden, outputs, activation, 0);
  }

  /** What the stages leave of an image. */
  private static Image features(Image image, List<Stage> stages) {
    Image left = image;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      String what = "cnn: stages[" + i + "]";
      int height = stage.side(what, left.height());
      left = new Image(stage.channels(), height, stage.side(what, left.width()));
    }
    return left;
  }

  @Override
  public Model build(long seed) {
    return build(seed, Initializer.KAIMING);
  }

  /**
   * Builds the model.
   *
   * @param seed the same seed gives the same weights, bit for bit, on every machine
   * @param initializer how weights are drawn
   * @return a model that passes the checker
   */
  public Model build(long seed, Initializer initializer) {
    Layers layers = new Layers("cnn", seed, initializer);
    layers.input(image.channels(), image.height(), image.width());
    int channels = image.channels();
    for (Stage stage : stages) {
      layers.convolution(channels, stage);
      layers.activation(activation);
      if (stage.pool() > 1) {
        layers.maxPool(stage.pool());
      }
      channels = stage.channels();
    }
    layers.flatten();
    int features = Math.toIntExact(features(image, stages).size());
    layers.dense(features, hidden, outputs, new Layers.Between(activation, dropout));
    return layers.build(outputs);
  }
}
