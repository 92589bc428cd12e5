package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;

/**
 * Operators that read images at places between their elements. Letters: N batch, C channels, r axes
 * of space.
 */
final class Sampling {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("GridSample", one(Sampling::gridSample)),
          entry("AffineGrid", one(Sampling::affineGrid)));

  private Sampling() {}

  /** Along one axis: which elements count at a place and how much; -1 is an element of 0. */
  private record Taps(int[] at, double[] weights) {}

  /** X [N, C, spatial...], grid [N, out..., r] to [N, C, out...]. */
  private static Array gridSample(Call call) {
    Array.Reals x = call.reals(0);
    Array.Reals grid = call.reals(1);
    int space = x.rank() - 2;
    if (space < 1 || grid.rank() != x.rank() || grid.dims()[space + 1] != space) {
      throw call.bad("input " + x.describe() + " and grid " + grid.describe());
    }
    int[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
    int[] dims = x.dims().clone();
    System.arraycopy(grid.dims(), 1, dims, 2, space);
    int area = Sizes.count(spatial);
    int points = Sizes.count(dims, 2, dims.length);
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    for (int n = 0; n < dims[0]; n++) {
      for (int p = 0; p < points; p++) {
        Taps[] taps = new Taps[space];
        for (int axis = 0; axis < space; axis++) {
          double place = grid.values()[((n * points) + p) * space + space - 1 - axis];
          taps[axis] = taps(call, place, spatial[axis]);
        }
        for (int c = 0; c < dims[1]; c++) {
          int image = (n * dims[1] + c) * area;
          values[(n * dims[1] + c) * points + p] = read(x.values(), image, spatial, taps);
        }
      }
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /** The weighted sum over all combinations of the taps of each axis. */
  private static double read(double[] x, int image, int[] spatial, Taps[] taps) {
    int each = taps[0].at.length;
    int count = (int) Math.pow(each, spatial.length);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      int place = 0;
      double weight = 1;
      int rest = i;
      for (int axis = 0; axis < spatial.length; axis++) {
        int at = taps[axis].at[rest % each];
        weight *= at < 0 ? 0 : taps[axis].weights[rest % each];
        place = place * spatial[axis] + Math.max(at, 0);
        rest /= each;
      }
      sum += weight == 0 ? 0 : weight * x[image + place];
    }
    return sum;
  }

  private static Taps taps(Call call, double normal, int size) {
    boolean corners = call.flag("align_corners");
    double place = corners ? (normal + 1) / 2 * (size - 1) : ((normal + 1) * size - 1) / 2;
    String mode = call.node().stringAttribute("mode", "linear");
    return switch (mode) {
      case "nearest" ->
          new Taps(new int[] {inside(call, Math.rint(place), size)}, new double[] {1});
      case "linear", "bilinear" -> around(call, place, size, 1);
      case "cubic", "bicubic" -> around(call, place, size, 2);
      default -> throw call.bad("mode \"" + mode + "\" (expected: nearest, linear, cubic)");
    };
  }

  private static Taps around(Call call, double place, int size, int reach) {
    int[] at = new int[2 * reach];
    double[] weights = new double[2 * reach];
    for (int i = 0; i < at.length; i++) {
      double tap = Math.floor(place) + i + 1 - reach;
      at[i] = inside(call, tap, size);
      double distance = Math.abs(place - tap);
      weights[i] = reach == 1 ? 1 - distance : cubic(distance);
    }
    return new Taps(at, weights);
  }

  /** Keys' kernel with a = -0.75. */
  private static double cubic(double x) {
    return x <= 1 ? (1.25 * x - 2.25) * x * x + 1 : ((-0.75 * x + 3.75) * x - 6) * x + 3;
  }

  /** The element that stands for a place, which may lie outside; -1 if none does. */
  private static int inside(Call call, double tap, int size) {
    String mode = call.node().stringAttribute("padding_mode", "zeros");
    return (int)
        switch (mode) {
          case "zeros" -> tap >= 0 && tap < size ? tap : -1;
          case "border" -> Math.clamp(tap, 0, size - 1.0);
          case "reflection" -> reflected(tap, size, call.flag("align_corners") ? 1 : 0);
          default -> throw call.bad("padding_mode \"" + mode + "\"");
        };
  }

  /** Reflected at the outer elements themselves, or half an element beyond them. */
  private static double reflected(double tap, int size, int shared) {
    double period = 2.0 * (size - shared);
    if (period == 0) {
      return 0;
    }
    double phase = tap - period * Math.floor(tap / period);
    return phase < size ? phase : period - 1 + shared - phase;
  }

  /** Theta [N, r, r + 1] and a size [N, C, out...] to [N, out..., r]. */
  private static Array affineGrid(Call call) {
    Array.Reals theta = call.reals(0);
    int[] size = call.ints(call.longs(1));
    int space = size.length - 2;
    if (space < 1 || theta.size() != size[0] * space * (space + 1)) {
      throw call.bad("theta " + theta.describe() + " for size " + Arrays.toString(size));
    }
    int[] dims = new int[space + 2];
    dims[0] = size[0];
    System.arraycopy(size, 2, dims, 1, space);
    dims[space + 1] = space;
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    for (int i = 0; i < values.length; i++) {
      int[] index = Sizes.index(dims, i);
      int row = (index[0] * space + index[space + 1]) * (space + 1);
      double sum = theta.values()[row + space];
      for (int axis = 0; axis < space; axis++) {
        int at = index[space - axis];
        int steps = dims[space - axis];
        sum += theta.values()[row + axis] * normal(call, at, steps);
      }
      values[i] = sum;
    }
    return new Array.Reals(theta.type(), dims, values);
  }

  private static double normal(Call call, int at, int steps) {
    return call.flag("align_corners") ? 2.0 * at / (steps - 1) - 1 : (2.0 * at + 1) / steps - 1;
  }
}
