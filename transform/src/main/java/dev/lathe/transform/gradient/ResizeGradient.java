package dev.lathe.transform.gradient;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Resize is a linear map along each axis, so its gradient is the transposed maps. Sizes of resized
 * axes, scales and the region of interest must be known.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__Resize.html">Resize-19</a>
 */
final class ResizeGradient {
  private ResizeGradient() {}

  /**
   * One axis.
   *
   * @param at which
   * @param size elements before
   * @param length elements after
   * @param scale how much longer it becomes, as asked for
   * @param start where the region of interest begins, 0 to 1
   * @param end where it ends
   */
  private record Axis(int at, int size, int length, double scale, double start, double end) {
    /** As in the engine, an axis that keeps its size stays, whatever the region of interest. */
    boolean idle() {
      return scale == 1;
    }
  }

  static void rule(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          int rank = r.rank(0);
          long[] every = IntStream.range(0, rank).mapToLong(i -> i).toArray();
          long[] axes = r.node().intsAttribute("axes", every);
          String dx = r.dy();
          if (crops(r.node())) {
            for (int i = 0; i < axes.length; i++) {
              Axis map = axis(g, r, axes, i);
              dx = map.idle() ? dx : inside(g, r, dx, map);
            }
          }
          for (int i = 0; i < axes.length; i++) {
            Axis map = axis(g, r, axes, i);
            if (!map.idle()) {
              double[][] weights = new double[map.length][];
              for (int to = 0; to < map.length; to++) {
                weights[to] = weights(r, map, place(r, map, to));
              }
              double[][] back = AlongAxis.transposed(weights);
              dx = AlongAxis.apply(g, dx, map.at, back);
            }
          }
          return dx;
        });
  }

  private static boolean crops(Node node) {
    return node.stringAttribute("coordinate_transformation_mode", "half_pixel")
        .equals("tf_crop_and_resize");
  }

  /** The cotangent without the elements that lie outside of the image along an axis. */
  private static String inside(Algebra g, Reverse r, String dy, Axis map) {
    double[] kept = new double[map.length];
    for (int to = 0; to < map.length; to++) {
      double place = place(r, map, to);
      kept[to] = place < 0 || place > map.size - 1 ? 0 : 1;
    }
    if (Arrays.stream(kept).allMatch(keep -> keep == 1)) {
      return dy;
    }
    long[] dims = new long[r.rank(0) - map.at];
    Arrays.fill(dims, 1);
    dims[0] = map.length;
    Tensor mask = Tensor.ofValues(g.draft().fact(dy).element(), kept, dims);
    return g.mul(dy, g.draft().constant("inside/" + g.draft().scope(), mask));
  }

  private static Axis axis(Algebra g, Reverse r, long[] axes, int index) {
    int axis = CutGradients.axis(r, axes[index]);
    String x = r.x();
    long length = g.draft().shape(r.y()).dim(axis).sizeOrMinusOne();
    long size = g.draft().shape(x).dim(axis).sizeOrMinusOne();
    double[] region = numbers(g, r, 1);
    double start = region.length > 0 ? region[index] : 0;
    double end = region.length > 0 ? region[index + axes.length] : 1;
    double[] scales = numbers(g, r, 2);
    Dim before = g.draft().shape(x).dim(axis);
    boolean same = before.equals(g.draft().shape(r.y()).dim(axis)) && !before.equals(Dim.UNKNOWN);
    if (scales.length > 0 ? scales[index] == 1 : same) {
      return new Axis(axis, 1, 1, 1, 0, 1);
    }
    if (size < 0 || length < 0) {
      throw r.refuse("axis " + axis + " of " + r.shape(0) + " is resized (expected: a fixed size)");
    }
    double scale = scales.length > 0 ? scales[index] : scale(r, axes, length, size);
    return new Axis(axis, Math.toIntExact(size), Math.toIntExact(length), scale, start, end);
  }

  /** By sizes: the axis's own, or the one scale that keeps the aspect ratio. */
  private static double scale(Reverse r, long[] axes, long length, long size) {
    String policy = r.node().stringAttribute("keep_aspect_ratio_policy", "stretch");
    if (policy.equals("stretch")) {
      return (double) length / size;
    }
    long[] sizes = r.constants("sizes", 3);
    DoubleStream ratios =
        IntStream.range(0, axes.length)
            .mapToDouble(i -> (double) sizes[i] / r.size(0, CutGradients.axis(r, axes[i])));
    return (policy.equals("not_larger") ? ratios.min() : ratios.max()).orElseThrow();
  }

  /** Constant numbers of an input; none if it is omitted or empty. */
  private static double[] numbers(Algebra g, Reverse r, int input) {
    if (r.in(input).isEmpty()) {
      return new double[0];
    }
    return g.draft()
        .fact(r.in(input))
        .numbers()
        .map(numbers -> numbers.stream().mapToDouble(Double::doubleValue).toArray())
        .orElseThrow(() -> r.refuse("input \"" + r.in(input) + "\" (expected: a constant)"));
  }

  /** The place before of a place after. */
  private static double place(Reverse r, Axis axis, int to) {
    String mode = r.node().stringAttribute("coordinate_transformation_mode", "half_pixel");
    double half = (to + 0.5) / axis.scale - 0.5;
    double last = axis.size - 1;
    double steps = Math.max(1, axis.length - 1);
    return switch (mode) {
      case "half_pixel" -> half;
      case "half_pixel_symmetric" ->
          axis.size / 2.0 * (1 - axis.length / (axis.size * axis.scale)) + half;
      case "pytorch_half_pixel" -> axis.length > 1 ? half : 0;
      case "align_corners" -> axis.length > 1 ? to * last / steps : 0;
      case "asymmetric" -> to / axis.scale;
      case "tf_crop_and_resize" ->
          axis.length > 1
              ? axis.start * last + to * (axis.end - axis.start) * last / steps
              : 0.5 * (axis.start + axis.end) * last;
      default -> throw r.refuse("coordinate_transformation_mode \"" + mode + "\"");
    };
  }

  /** How much each element before counts at a place; the edges stand for what lies beyond. */
  private static double[] weights(Reverse r, Axis axis, double place) {
    double[] weights = new double[axis.size];
    String mode = r.node().stringAttribute("mode", "nearest");
    if (mode.equals("nearest")) {
      weights[(int) Math.clamp(nearest(r, place), 0, axis.size - 1.0)] = 1;
      return weights;
    }
    boolean smooth = r.node().intAttribute("antialias", 0) != 0;
    boolean within = r.node().intAttribute("exclude_outside", 0) != 0;
    boolean cubic = mode.equals("cubic");
    double stretch = smooth ? Math.max(1, 1 / axis.scale) : 1;
    double reach = (cubic ? 2 : 1) * stretch;
    double total = 0;
    for (double k = Math.floor(place - reach); k <= Math.ceil(place + reach); k++) {
      double distance = Math.abs(k - place) / stretch;
      double weight = cubic ? cubic(r.node(), distance) : Math.max(0, 1 - distance);
      if (!within || k >= 0 && k < axis.size) {
        weights[(int) Math.clamp(k, 0, axis.size - 1.0)] += weight;
        total += weight;
      }
    }
    double sum = within || smooth ? total : 1;
    return Arrays.stream(weights).map(weight -> weight / sum).toArray();
  }

  private static double nearest(Reverse r, double place) {
    String mode = r.node().stringAttribute("nearest_mode", "round_prefer_floor");
    return switch (mode) {
      case "round_prefer_floor" -> Math.ceil(place - 0.5);
      case "round_prefer_ceil" -> Math.floor(place + 0.5);
      case "floor" -> Math.floor(place);
      case "ceil" -> Math.ceil(place);
      default -> throw r.refuse("nearest_mode \"" + mode + "\"");
    };
  }

  /** Keys' kernel with its coefficient a. */
  private static double cubic(Node node, double x) {
    double a = node.floatAttribute("cubic_coeff_a", -0.75f);
    double inner = ((a + 2) * x - (a + 3)) * x * x + 1;
    double outer = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return x < 1 ? inner : x < 2 ? outer : 0;
  }
}
