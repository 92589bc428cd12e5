package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.Convolutions.Kernel;
import java.util.List;

/**
 * A residual network for small images: a convolution of 3×3, stages of blocks of two such with a
 * shortcut around them, the mean over space, scores. Every stage but the first halves the sides; a
 * shortcut that changes size is a convolution of 1×1. Normalized by batch. x FLOAT [N, channels,
 * height, width], y FLOAT [N, outputs]; parameters named as torchvision names them.
 *
 * @param image the size of one example
 * @param widths channels of each stage
 * @param blocks blocks in each stage
 * @param outputs scores, the size of y's second axis
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al. 2016, section 4.2</a>
 */
public record ResNet(Cnn.Image image, List<Integer> widths, int blocks, int outputs)
    implements Architecture {
  /**
   * Copies the list and refuses sizes out of range.
   *
   * @throws LatheException BAD_ARCHITECTURE
   */
  public ResNet {
    widths = List.copyOf(widths);
    Limits.requireChannels("resnet: widths", widths);
    Limits.require("resnet: blocks", blocks, 1, Limits.MOST_LAYERS);
    Limits.require("resnet: outputs", outputs, 1, Limits.MOST_FEATURES);
  }

  /**
   * The paper's networks for CIFAR: stages of 16, 32 and 64 channels.
   *
   * @param image the size of one example
   * @param depth layers with weights, 6·blocks + 2: 8, 14, 20, …
   * @param outputs scores
   * @return the architecture
   * @throws LatheException BAD_ARCHITECTURE for another depth
   */
  public static ResNet ofDepth(Cnn.Image image, int depth, int outputs) {
    if (depth < 8 || (depth - 2) % 6 != 0) {
      throw Limits.bad("resnet: depth: " + depth + " (expected: 8, 14, 20, 26, ...)");
    }
    return new ResNet(image, List.of(16, 32, 64), (depth - 2) / 6, outputs);
  }

  @Override
  public Model build(long seed) {
    Convolutions net = new Convolutions("resnet", seed);
    int channels = widths.getFirst();
    String y =
        net.convolution(net.input(image), "conv1", Kernel.of(image.channels(), channels, 3, 1));
    y = net.relu(net.normalization(y, "bn1", channels));
    for (int stage = 0; stage < widths.size(); stage++) {
      for (int block = 0; block < blocks; block++) {
        String name = "layer" + (stage + 1) + "." + block + ".";
        int stride = stage > 0 && block == 0 ? 2 : 1;
        y = block(net, y, name, Kernel.of(channels, widths.get(stage), 3, stride));
        channels = widths.get(stage);
      }
    }
    return net.finish(y, channels, outputs);
  }

  private static String block(Convolutions net, String x, String name, Kernel first) {
    int channels = first.channels();
    String y = net.convolution(x, name + "conv1", first);
    y = net.relu(net.normalization(y, name + "bn1", channels));
    y = net.convolution(y, name + "conv2", Kernel.of(channels, channels, 3, 1));
    y = net.normalization(y, name + "bn2", channels);
    String shortcut = x;
    if (first.stride() > 1 || first.from() != channels) {
      Kernel point = Kernel.of(first.from(), channels, 1, first.stride());
      shortcut = net.convolution(x, name + "downsample.0", point);
      shortcut = net.normalization(shortcut, name + "downsample.1", channels);
    }
    return net.relu(net.sum(y, shortcut));
  }
}
