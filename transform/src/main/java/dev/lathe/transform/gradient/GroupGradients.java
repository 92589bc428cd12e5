package dev.lathe.transform.gradient;

import dev.lathe.ir.Node;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gradients of normalizations within one example: Instance-, Group-, RMS- and LpNormalization. The
 * first two see X [N, C, ...] as rows [N, G, m]: each group of channels is one row.
 */
final class GroupGradients {
  private GroupGradients() {}

  /**
   * InstanceNormalization, GroupNormalization, spelled out. Saved after the output: x̂ as rows [N,
   * G, m], inverse deviation [N, G, 1]. The scale of GroupNormalization before version 21 is one
   * number for each group, not for each channel.
   */
  static Node form(Algebra g, Node node) {
    String x = node.input(0);
    if (!g.draft().shape(x).ranked() || g.draft().shape(x).rank() < 3) {
      throw TrainingForms.refuse(node, "input " + g.draft().shape(x) + " (expected: [N, C, ...])");
    }
    String rows = rows(g, node, x);
    String m = g.count(rows, x, 2);
    String centered = g.sub(rows, g.div(g.sum(rows, 1, 2), m));
    String variance = g.div(g.sum(g.square(centered), 1, 2), m);
    String deviation = g.node("Sqrt", g.add(variance, node.floatAttribute("epsilon", 1e-5f)));
    String inverse = g.node("Reciprocal", deviation);
    String unit = g.mul(centered, inverse);
    long[] column = column(g, node);
    String scaled = g.mul(spread(g, node, unit), g.reshape(node.input(1), column));
    String shifted = g.add(scaled, g.reshape(node.input(2), column));
    TrainingForms.name(g, node, 0, g.reshapeLike(shifted, x));
    return TrainingForms.saving(node, List.of(unit, inverse));
  }

  /** [N, C, ...] as [N, G, m]. */
  private static String rows(Algebra g, Node node, String value) {
    long channels = g.draft().shape(node.input(0)).dim(1).sizeOrMinusOne();
    boolean instance = node.op().equals("InstanceNormalization");
    long groups = instance ? channels : node.intAttribute("num_groups", 1);
    if (groups < 0) {
      throw TrainingForms.refuse(node, "the number of channels is not known");
    }
    return new Extents(g).of(value, 0).sizes(groups, -1).reshape(value);
  }

  private static boolean byGroup(Algebra g, Node node) {
    return node.op().equals("GroupNormalization") && g.draft().opset() < 21;
  }

  /** The shape in which scale and bias meet what they scale. */
  private static long[] column(Algebra g, Node node) {
    int rank = byGroup(g, node) ? 3 : g.draft().shape(node.input(0)).rank();
    return IntStream.range(0, rank - 1).mapToLong(i -> i == 0 ? -1 : 1).toArray();
  }

  /** Rows as they are, or as [N, C, ...], wherever the scale belongs. */
  private static String spread(Algebra g, Node node, String rows) {
    return byGroup(g, node) ? rows : g.reshapeLike(rows, node.input(0));
  }

  /** {@code dX = σ⁻¹·(d - Σd/m - x̂·Σ(d·x̂)/m)} with {@code d = γ·dY}, row by row. */
  static void rule(Algebra g, Reverse r) {
    Node node = r.node();
    String unit = r.out(1);
    String dy = byGroup(g, node) ? rows(g, node, r.dy()) : r.dy();
    int rank = g.draft().shape(dy).rank();
    long[] axes = IntStream.range(0, rank).filter(i -> i != 1).mapToLong(i -> i).toArray();
    r.give(2, () -> g.reshapeLike(g.sum(dy, 0, axes), r.in(2)));
    r.give(1, () -> g.reshapeLike(g.sum(g.mul(dy, spread(g, node, unit)), 0, axes), r.in(1)));
    r.give(
        0,
        () -> {
          String scaled = g.mul(dy, g.reshape(r.in(1), column(g, node)));
          String d = byGroup(g, node) ? scaled : rows(g, node, scaled);
          String m = g.count(unit, r.x(), 2);
          String shift = g.div(g.sum(d, 1, 2), m);
          String tilt = g.div(g.sum(g.mul(d, unit), 1, 2), m);
          String rows = g.mul(g.sub(g.sub(d, shift), g.mul(unit, tilt)), r.out(2));
          return g.reshapeLike(rows, r.x());
        });
  }

  /** RMSNormalization, spelled out. Saved after the output: x̂ like X, inverse root mean square. */
  static Node rootMeanSquareForm(Algebra g, Node node) {
    String x = node.input(0);
    long[] axes = axes(g, node);
    String mean = g.div(g.sum(g.square(x), 1, axes), g.count(x, x, axes));
    String root = g.node("Sqrt", g.add(mean, node.floatAttribute("epsilon", 1e-5f)));
    String inverse = g.node("Reciprocal", root);
    String unit = g.mul(x, inverse);
    TrainingForms.name(g, node, 0, g.mul(unit, node.input(1)));
    return TrainingForms.saving(node, List.of(unit, inverse));
  }

  private static long[] axes(Algebra g, Node node) {
    int rank = g.draft().shape(node.input(0)).rank();
    long given = node.intAttribute("axis", -1);
    return IntStream.range((int) (given < 0 ? given + rank : given), rank)
        .mapToLong(i -> i)
        .toArray();
  }

  /** {@code dX = ρ⁻¹·(d - x̂·Σ(d·x̂)/m)} with {@code d = γ·dY}. */
  static void rootMeanSquare(Algebra g, Reverse r) {
    r.rank(0);
    String unit = r.out(1);
    r.give(1, () -> g.reduceTo(g.mul(r.dy(), unit), r.in(1)));
    r.give(
        0,
        () -> {
          long[] axes = axes(g, r.node());
          String d = g.mul(r.dy(), r.in(1));
          String tilt = g.div(g.sum(g.mul(d, unit), 1, axes), g.count(r.x(), r.x(), axes));
          return g.mul(g.sub(d, g.mul(unit, tilt)), r.out(2));
        });
  }

  /**
   * LpNormalization, {@code y = x/‖x‖}: {@code dX = (dY - s·Σ(dY·y))/‖x‖}, where s is y for p = 2
   * and sign(x) for p = 1. A line of zeros has no gradient.
   */
  static void lp(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          long axis = r.node().intAttribute("axis", -1);
          boolean one = r.node().intAttribute("p", 2) == 1;
          String length =
              one
                  ? g.sum(g.node("Abs", r.x()), 1, axis)
                  : g.node("Sqrt", g.sum(g.square(r.x()), 1, axis));
          String slope = one ? g.node("Sign", r.x()) : r.y();
          String tilt = g.mul(slope, g.sum(g.mul(r.dy(), r.y()), 1, axis));
          String alive = g.greater(length, 0);
          String safe = g.where(alive, length, g.draft().number(1, length));
          return g.mask(alive, g.div(g.sub(r.dy(), tilt), safe));
        });
  }

  /**
   * LRN, {@code y = x·u^-β} with {@code u = bias + α/n·Σx²} over n neighbouring channels: {@code dX
   * = dY·u^-β - 2αβ/n·x·Σ(dY·x·u^(-β-1))} over the channels whose neighbour a channel is.
   */
  static void acrossChannels(Algebra g, Reverse r) {
    Node node = r.node();
    r.give(
        0,
        () -> {
          int size = (int) node.intAttribute("size", 1);
          double share = node.floatAttribute("alpha", 1e-4f) / size;
          double beta = node.floatAttribute("beta", 0.75f);
          double[][] near = neighbours(Math.toIntExact(r.size(0, 1)), size);
          String squares = AlongAxis.apply(g, g.square(r.x()), 1, near);
          String u = g.add(g.mul(squares, share), node.floatAttribute("bias", 1));
          String scaled = g.mul(r.dy(), g.node("Pow", u, g.draft().number(-beta, u)));
          String bent = g.div(g.mul(scaled, r.x()), u);
          String back = AlongAxis.apply(g, bent, 1, AlongAxis.transposed(near));
          return g.sub(scaled, g.mul(g.mul(r.x(), back), 2 * share * beta));
        });
  }

  /** For each channel, by rows, the channels that its sum takes in. */
  private static double[][] neighbours(int channels, int size) {
    double[][] near = new double[channels][channels];
    for (int c = 0; c < channels; c++) {
      int low = Math.max(0, c - (size - 1) / 2);
      int high = Math.min(channels - 1, c + size / 2);
      Arrays.fill(near[c], low, high + 1, 1);
    }
    return near;
  }

  /** MeanVarianceNormalization: as LayerNormalization over the node's axes, without scale. */
  static void meanVariance(Algebra g, Reverse r) {
    long[] axes = r.node().intsAttribute("axes", 0, 2, 3);
    r.give(
        0,
        () -> {
          String m = count(g, r, axes);
          String centered = g.sub(r.x(), g.div(g.sum(r.x(), 1, axes), m));
          String deviation = g.node("Sqrt", g.div(g.sum(g.square(centered), 1, axes), m));
          String shift = g.div(g.sum(r.dy(), 1, axes), m);
          String tilt = g.div(g.sum(g.mul(r.dy(), r.y()), 1, axes), m);
          String slope = g.sub(g.sub(r.dy(), shift), g.mul(r.y(), tilt));
          return g.div(slope, g.add(deviation, 1e-9));
        });
  }

  private static String count(Algebra g, Reverse r, long[] axes) {
    long[] fromFront = Arrays.stream(axes).map(axis -> CutGradients.axis(r, axis)).toArray();
    return g.count(r.x(), r.x(), fromFront);
  }
}
