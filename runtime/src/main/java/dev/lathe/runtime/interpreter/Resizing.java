package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Resize: along one axis after the other, each new element is a weighted sum of old ones.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__Resize.html">Resize-19</a>
 */
final class Resizing {
  static final Map<String, Kernel> TABLE = Map.of("Resize", one(Resizing::resize));

  private Resizing() {}

  /**
   * One axis.
   *
   * @param size elements before
   * @param length elements after
   * @param scale how much longer it becomes, as asked for
   * @param start where the region of interest begins, 0 to 1
   * @param end where it ends
   */
  private record Axis(int size, int length, double scale, double start, double end) {
    /** The place before of a place after. As in the engine, an axis that keeps its size stays. */
    double place(Call call, int to) {
      if (scale == 1) {
        return to;
      }
      String mode = call.node().stringAttribute("coordinate_transformation_mode", "half_pixel");
      double half = (to + 0.5) / scale - 0.5;
      return switch (mode) {
        case "half_pixel" -> half;
        case "half_pixel_symmetric" -> size / 2.0 * (1 - length / (size * scale)) + half;
        case "pytorch_half_pixel" -> length > 1 ? half : 0;
        case "align_corners" -> length > 1 ? to * (size - 1.0) / (length - 1) : 0;
        case "asymmetric" -> to / scale;
        case "tf_crop_and_resize" ->
            length > 1
                ? start * (size - 1) + to * (end - start) * (size - 1) / (length - 1)
                : 0.5 * (start + end) * (size - 1);
        default -> throw call.unsupported("coordinate_transformation_mode \"" + mode + "\"");
      };
    }

    boolean outside(double place) {
      return place < 0 || place > size - 1;
    }
  }

  private static Array resize(Call call) {
    if (call.opset() < 11) {
      throw call.unsupported("version " + call.opset() + " (expected: 11 or later)");
    }
    Array.Reals x = call.reals(0);
    Axis[] axes = axes(call, x.dims());
    boolean crop =
        call.node()
            .stringAttribute("coordinate_transformation_mode", "")
            .equals("tf_crop_and_resize");
    Array.Reals y = x;
    for (int axis = 0; axis < axes.length; axis++) {
      y = axes[axis].scale != 1 ? along(call, y, axis, axes[axis]) : y;
    }
    return crop ? extrapolated(call, y, axes) : y;
  }

  private static Axis[] axes(Call call, int[] dims) {
    int[] which =
        call.node().attribute("axes").isPresent()
            ? Arrays.stream(call.node().intsAttribute("axes"))
                .mapToInt(axis -> call.axis(axis, dims.length))
                .toArray()
            : IntStream.range(0, dims.length).toArray();
    Axis[] axes = new Axis[dims.length];
    Arrays.setAll(axes, axis -> new Axis(dims[axis], dims[axis], 1, 0, 1));
    double ratio = ratio(call, dims, which);
    for (int i = 0; i < which.length; i++) {
      int size = dims[which[i]];
      boolean scaled = call.has(2) && call.in(2).size() > 0;
      double scale =
          scaled ? call.in(2).real(i) : ratio > 0 ? ratio : call.longs(3)[i] / (double) size;
      double length = scaled ? Math.floor(size * scale) : Math.floor(size * scale + 0.5);
      boolean region = call.has(1) && call.in(1).size() > 0;
      axes[which[i]] =
          new Axis(
              size,
              Sizes.require((long) length)[0],
              scale,
              region ? call.in(1).real(i) : 0,
              region ? call.in(1).real(i + which.length) : 1);
    }
    return axes;
  }

  /** The one scale that keeps the aspect ratio, or 0 if each axis has its own. */
  private static double ratio(Call call, int[] dims, int[] which) {
    String policy = call.node().stringAttribute("keep_aspect_ratio_policy", "stretch");
    if (policy.equals("stretch") || !call.has(3)) {
      return 0;
    }
    double[] ratios = new double[which.length];
    Arrays.setAll(ratios, i -> call.longs(3)[i] / (double) dims[which[i]]);
    return policy.equals("not_larger")
        ? Arrays.stream(ratios).min().orElse(0)
        : Arrays.stream(ratios).max().orElse(0);
  }

  private static Array.Reals along(Call call, Array.Reals x, int axis, Axis map) {
    double[][] weights = new double[map.length][];
    Arrays.setAll(weights, to -> weights(call, map, map.place(call, to)));
    int inner = Sizes.count(x.dims(), axis + 1, x.rank());
    int[] dims = x.dims().clone();
    dims[axis] = map.length;
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    for (int i = 0; i < values.length; i++) {
      int line = i / inner / map.length * map.size * inner + i % inner;
      double[] row = weights[i / inner % map.length];
      for (int k = 0; k < row.length; k++) {
        values[i] += row[k] == 0 ? 0 : row[k] * x.values()[line + k * inner];
      }
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /** How much each old element counts at a place; the edges stand for what lies beyond them. */
  private static double[] weights(Call call, Axis map, double place) {
    double[] weights = new double[map.size];
    String mode = call.node().stringAttribute("mode", "nearest");
    if (mode.equals("nearest")) {
      weights[Math.clamp(nearest(call, place), 0, map.size - 1)] = 1;
      return weights;
    }
    boolean cubic = mode.equals("cubic");
    double stretch = call.flag("antialias") ? Math.max(1, 1 / map.scale) : 1;
    boolean exclude = call.flag("exclude_outside");
    double reach = (cubic ? 2 : 1) * stretch;
    double sum = 0;
    for (long k = (long) Math.floor(place - reach); k <= Math.ceil(place + reach); k++) {
      double distance = Math.abs(k - place) / stretch;
      double weight = cubic ? cubic(call, distance) : Math.max(0, 1 - distance);
      boolean inside = k >= 0 && k < map.size;
      if (inside || !exclude) {
        weights[(int) Math.clamp(k, 0, map.size - 1L)] += weight;
        sum += weight;
      }
    }
    double total = exclude || call.flag("antialias") ? sum : 1;
    return Arrays.stream(weights).map(w -> w / total).toArray();
  }

  private static int nearest(Call call, double place) {
    String mode = call.node().stringAttribute("nearest_mode", "round_prefer_floor");
    return (int)
        switch (mode) {
          case "round_prefer_floor" -> Math.ceil(place - 0.5);
          case "round_prefer_ceil" -> Math.floor(place + 0.5);
          case "floor" -> Math.floor(place);
          case "ceil" -> Math.ceil(place);
          default -> throw call.bad("nearest_mode \"" + mode + "\"");
        };
  }

  /** Keys' kernel with its coefficient a. */
  private static double cubic(Call call, double x) {
    double a = call.real("cubic_coeff_a", -0.75f);
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }

  /** What lies outside of the image along any axis is the node's own number. */
  private static Array extrapolated(Call call, Array.Reals y, Axis[] axes) {
    double[] values = y.values().clone();
    for (int i = 0; i < values.length; i++) {
      int[] index = Sizes.index(y.dims(), i);
      boolean outside = false;
      for (int axis = 0; axis < axes.length; axis++) {
        outside |= axes[axis].outside(axes[axis].place(call, index[axis]));
      }
      values[i] = outside ? call.real("extrapolation_value", 0) : values[i];
    }
    return new Array.Reals(y.type(), y.dims(), values);
  }
}
