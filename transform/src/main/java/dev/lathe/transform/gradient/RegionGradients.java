package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Windows that are not on the grid of an image, spelled out. Letters: N batch, C channels, M
 * channels out, H and W space, G groups, D groups of offsets, K places of a window, P positions of
 * a window, R regions.
 */
final class RegionGradients {
  private RegionGradients() {}

  /** DeformConv: places of the windows and their offsets; what is read there, times the kernel. */
  static List<String> deformed(Algebra g, Node node) {
    long[] x = sizes(g, node, 0);
    long[] kernel = sizes(g, node, 1);
    long[] offset = sizes(g, node, 2);
    long places = kernel[2] * kernel[3];
    long positions = offset[2] * offset[3];
    long shared = x[1] / node.intAttribute("offset_group", 1);
    String moved = g.reshape(node.input(2), -1, places, 2, positions);
    String rows = g.add(part(g, moved, 0), base(g, node, 0));
    String columns = g.add(part(g, moved, 1), base(g, node, 1));
    String images = g.reshape(node.input(0), -1, shared, x[2] * x[3]);
    Sampler sampler = new Sampler(g, "linear", "zeros", false);
    List<String> at =
        List.of(
            g.reshape(rows, -1, places * positions), g.reshape(columns, -1, places * positions));
    String read = sampler.read(images, new long[] {x[2], x[3]}, at);
    if (!node.input(4).isEmpty()) {
      read = g.mul(read, g.reshape(node.input(4), -1, 1, places * positions));
    }
    long groups = node.intAttribute("group", 1);
    String columnsOfGroups = g.reshape(read, -1, groups, kernel[1] * places, positions);
    String weights = g.reshape(node.input(1), groups, kernel[0] / groups, kernel[1] * places);
    String product = g.node("MatMul", weights, columnsOfGroups);
    String y = g.reshape(product, -1, kernel[0], offset[2], offset[3]);
    return List.of(
        node.input(3).isEmpty() ? y : g.add(y, g.reshape(node.input(3), kernel[0], 1, 1)));
  }

  /** Sizes, fixed; the first may be open unless it is that of the kernel. */
  private static long[] sizes(Algebra g, Node node, int input) {
    Shape shape = g.draft().shape(node.input(input));
    boolean known = shape.ranked() && shape.rank() == 4;
    if (!known
        || Arrays.stream(shape.sizes()).skip(input == 1 ? 0 : 1).anyMatch(size -> size < 1)) {
      throw TrainingForms.refuse(
          node,
          "input \""
              + node.input(input)
              + "\" "
              + shape
              + " (expected: [N, C, H, W], sizes fixed)");
    }
    return shape.sizes();
  }

  /** One coordinate [N·D, K, P] of [N·D, K, 2, P]. */
  private static String part(Algebra g, String offsets, long index) {
    String at = g.draft().constant(Long.toString(index), Tensor.scalar(index));
    return g.draft().node("Gather", Map.of("axis", Attribute.of(2L)), offsets, at);
  }

  /** Where the places of windows lie along an axis of space without offsets, [K, P]. */
  private static String base(Algebra g, Node node, int axis) {
    long[] kernel = sizes(g, node, 1);
    long[] out = sizes(g, node, 2);
    long stride = node.intsAttribute("strides", 1, 1)[axis];
    long dilation = node.intsAttribute("dilations", 1, 1)[axis];
    long pad = node.intsAttribute("pads", 0, 0, 0, 0)[axis];
    int positions = Math.toIntExact(out[2] * out[3]);
    double[] values = new double[Math.toIntExact(kernel[2] * kernel[3] * positions)];
    for (int i = 0; i < values.length; i++) {
      long place = axis == 0 ? i / positions / kernel[3] : i / positions % kernel[3];
      long position = axis == 0 ? i % positions / out[3] : i % positions % out[3];
      values[i] = position * stride - pad + place * dilation;
    }
    Tensor tensor =
        Tensor.ofValues(
            g.draft().fact(node.input(2)).element(), values, values.length / positions, positions);
    return g.draft().constant("windows/" + g.draft().scope(), tensor);
  }

  /** RoiAlign by means: of each bin of each region the mean of what is read at its samples. */
  static List<String> aligned(Algebra g, Node node) {
    long samples = node.intAttribute("sampling_ratio", 0);
    if (samples < 1 || !node.stringAttribute("mode", "avg").equals("avg")) {
      throw TrainingForms.refuse(
          node, "sampling_ratio " + samples + ", or mode (expected: 1 or more, and avg)");
    }
    long[] x = sizes(g, node, 0);
    long[] bins = {node.intAttribute("output_height", 1), node.intAttribute("output_width", 1)};
    String rows = coordinates(g, node, 0, bins[0] * samples);
    String columns = coordinates(g, node, 1, bins[1] * samples);
    String inside = g.mul(near(g, rows, x[2], 2), near(g, columns, x[3], 1));
    List<String> at =
        List.of(
            spread(g, within(g, rows, x[2]), 2, bins[1] * samples),
            spread(g, within(g, columns, x[3]), 1, bins[0] * samples));
    String images =
        g.node("Gather", g.reshape(node.input(0), -1, x[1], x[2] * x[3]), node.input(2));
    Sampler sampler = new Sampler(g, "linear", "border", false);
    String read = sampler.read(images, new long[] {x[2], x[3]}, at);
    read = g.mul(read, g.reshape(inside, -1, 1, bins[0] * samples * bins[1] * samples));
    String split = g.reshape(read, -1, x[1], bins[0], samples, bins[1], samples);
    return List.of(g.mul(g.sum(split, 0, 3, 5), 1.0 / (samples * samples)));
  }

  /** The samples of all bins along an axis of space, [R, bins·samples]. */
  private static String coordinates(Algebra g, Node node, int axis, long count) {
    String start = side(g, node, 1L - axis);
    String size = g.sub(side(g, node, 3L - axis), start);
    String used = half(node) ? size : g.node("Max", size, g.draft().number(1, size));
    double[] shares = new double[Math.toIntExact(count)];
    Arrays.setAll(shares, i -> (i + 0.5) / count);
    Tensor tensor = Tensor.ofValues(g.draft().fact(start).element(), shares, 1, count);
    return g.add(start, g.mul(used, g.draft().constant("shares" + count, tensor)));
  }

  /** One side of all regions, in elements of the image, [R, 1]. */
  private static String side(Algebra g, Node node, long index) {
    double scale = node.floatAttribute("spatial_scale", 1);
    Map<String, Attribute> last = Map.of("axis", Attribute.of(1L));
    String side = g.draft().node("Gather", last, node.input(1), g.draft().longs(index));
    return g.add(g.mul(side, scale), half(node) ? -0.5 : 0);
  }

  private static boolean half(Node node) {
    return node.stringAttribute("coordinate_transformation_mode", "half_pixel")
        .equals("half_pixel");
  }

  private static String within(Algebra g, String places, long size) {
    return g.node(
        "Clip", places, g.draft().number(0, places), g.draft().number(size - 1.0, places));
  }

  /** 1 where a place is at most an element beyond the image, else 0; an axis is added. */
  private static String near(Algebra g, String places, long size, long axis) {
    String above = g.node("GreaterOrEqual", places, g.draft().number(-1, places));
    String below = g.node("LessOrEqual", places, g.draft().number(size, places));
    String near = g.castLike(g.node("And", above, below), places);
    return g.node("Unsqueeze", near, g.draft().longs(axis));
  }

  /** Places of one axis of space for all of the other: [R, a] as [R, a·b] or [R, b·a]. */
  private static String spread(Algebra g, String places, long axis, long count) {
    String wide = g.node("Unsqueeze", places, g.draft().longs(axis));
    long[] sizes = {1, 1, 1};
    sizes[(int) axis] = count;
    String all = g.node("Expand", wide, g.draft().longs(sizes));
    long own = g.draft().shape(places).dim(1).sizeOrMinusOne();
    return g.reshape(all, -1, own * count);
  }
}
