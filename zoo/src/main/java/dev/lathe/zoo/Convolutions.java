package dev.lathe.zoo;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pieces of convolutional networks with batch normalization: convolutions without a bias, drawn
 * normally by what a kernel's channel gives to (He et al. 2015, fan out), as torchvision does.
 */
final class Convolutions {
  private static final float EPSILON = 1e-5f;

  /** One running statistic in ten comes from the batch, as in PyTorch. */
  private static final float KEPT = 0.9f;

  private final Net net;

  Convolutions(String name, long seed) {
    this.net = new Net(name, seed);
  }

  String input(Cnn.Image image) {
    return net.input(
        "x", ElementType.FLOAT, Shape.batchOf(image.channels(), image.height(), image.width()));
  }

  /**
   * A square convolution that keeps the sides where the stride is 1.
   *
   * @param from channels in
   * @param channels channels out
   * @param side side of the kernel, odd
   * @param stride step of the kernel
   * @param groups how many parts the channels fall into
   */
  record Kernel(int from, int channels, int side, int stride, int groups) {
    static Kernel of(int from, int channels, int side, int stride) {
      return new Kernel(from, channels, side, stride, 1);
    }

    static Kernel depthwise(int channels, int stride) {
      return new Kernel(channels, channels, 3, stride, channels);
    }
  }

  String convolution(String x, String layer, Kernel kernel) {
    long side = kernel.side();
    long area = side * side;
    Fill fill = new Fill.Normal(Math.sqrt(2.0 / (area * kernel.channels() / kernel.groups())));
    long inner = kernel.from() / kernel.groups();
    String weight = net.parameter(layer + ".weight", fill, kernel.channels(), inner, side, side);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", Attribute.ofInts(side, side));
    attributes.put("strides", Attribute.ofInts(kernel.stride(), kernel.stride()));
    attributes.put("pads", Attribute.ofInts(side / 2, side / 2, side / 2, side / 2));
    if (kernel.groups() > 1) {
      attributes.put("group", Attribute.of((long) kernel.groups()));
    }
    Node node = Node.of("Conv", List.of(x, weight), List.of(""));
    return net.named(layer, node.withAttributes(attributes));
  }

  String normalization(String x, String layer, int channels) {
    List<String> inputs =
        List.of(
            x,
            net.parameter(layer + ".weight", Fill.ONES, channels),
            net.parameter(layer + ".bias", Fill.ZEROS, channels),
            net.parameter(layer + ".running_mean", Fill.ZEROS, channels),
            net.parameter(layer + ".running_var", Fill.ONES, channels));
    return net.named(
        layer,
        Node.of("BatchNormalization", inputs, List.of(""))
            .with("epsilon", Attribute.of(EPSILON))
            .with("momentum", Attribute.of(KEPT)));
  }

  String relu(String x) {
    return net.add("Relu", x);
  }

  String sum(String x, String shortcut) {
    return net.add("Add", x, shortcut);
  }

  /** The mean over space, then scores. */
  Model finish(String x, int channels, int outputs) {
    String features = net.add("Flatten", net.add("GlobalAveragePool", x));
    String y = net.affine(features, Affine.standard("fc", channels, outputs));
    return net.finish(y, Shape.batchOf(outputs));
  }
}
