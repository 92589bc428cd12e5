package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.Convolutions.Kernel;
import java.util.List;

/**
 * A network of depthwise separable convolutions: a convolution of 3×3, then pairs of a depthwise
 * 3×3 and a pointwise 1×1, the mean over space, scores. Each is normalized by batch. x FLOAT [N,
 * channels, height, width], y FLOAT [N, outputs].
 *
 * @param image the size of one example
 * @param stem the first convolution
 * @param blocks the pairs, first to last
 * @param outputs scores, the size of y's second axis
 * @see <a href="https://arxiv.org/abs/1704.04861">Howard et al. 2017</a>
 */
public record DepthwiseCnn(Cnn.Image image, Block stem, List<Block> blocks, int outputs)
    implements Architecture {
  /**
   * One layer that may halve the sides.
   *
   * @param channels output channels
   * @param stride step of the kernel of 3×3
   */
  public record Block(int channels, int stride) {
    /**
     * Refuses sizes out of range.
     *
     * @throws LatheException BAD_ARCHITECTURE
     */
    public Block {
      Limits.require("depthwise_cnn block: channels", channels, 1, Limits.MOST_CHANNELS);
      Limits.require("depthwise_cnn block: stride", stride, 1, Limits.MOST_KERNEL);
    }
  }

  /**
   * Copies the list and refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public DepthwiseCnn {
    blocks = List.copyOf(blocks);
    Limits.requireLayers("depthwise_cnn: blocks", blocks, 1);
    Limits.require("depthwise_cnn: outputs", outputs, 1, Limits.MOST_FEATURES);
  }

  @Override
  public Model build(long seed) {
    Convolutions net = new Convolutions("depthwise_cnn", seed);
    int channels = stem.channels();
    Kernel first = Kernel.of(image.channels(), channels, 3, stem.stride());
    String y = net.convolution(net.input(image), "stem.conv", first);
    y = net.relu(net.normalization(y, "stem.bn", channels));
    for (int i = 0; i < blocks.size(); i++) {
      String name = "blocks." + i + ".";
      Block block = blocks.get(i);
      y = net.convolution(y, name + "dw", Kernel.depthwise(channels, block.stride()));
      y = net.relu(net.normalization(y, name + "bn1", channels));
      y = net.convolution(y, name + "pw", Kernel.of(channels, block.channels(), 1, 1));
      channels = block.channels();
      y = net.relu(net.normalization(y, name + "bn2", channels));
    }
    return net.finish(y, channels, outputs);
  }
}
