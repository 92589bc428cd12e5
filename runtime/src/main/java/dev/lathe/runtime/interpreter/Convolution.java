package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;

/** Convolutions over any number of spatial axes, as sums over the taps of a {@link Window}. */
final class Convolution {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("Conv", one(Convolution::conv)),
          entry("ConvTranspose", one(Convolution::convTranspose)));

  private Convolution() {}

  private static int[] spatial(Array array) {
    return Arrays.copyOfRange(array.dims(), 2, array.rank());
  }

  private static int[] kernel(Call call, Array weights) {
    int[] kernel = spatial(weights);
    int[] declared = call.sizes("kernel_shape", kernel);
    if (!Arrays.equals(kernel, declared)) {
      throw call.bad(
          "kernel_shape "
              + Arrays.toString(declared)
              + " (expected: "
              + Arrays.toString(kernel)
              + ", the weights')");
    }
    return kernel;
  }

  private static void requireShapes(Call call, boolean fits) {
    if (!fits) {
      throw call.bad(
          "input "
              + Arrays.toString(call.in(0).dims())
              + ", weights "
              + Arrays.toString(call.in(1).dims())
              + ", group "
              + call.number("group", 1)
              + " do not fit");
    }
  }

  /** X [N, C, …] * W [M, C/group, …] + B [M] → Y [N, M, …]. */
  private static Array conv(Call call) {
    Array.Reals x = call.reals(0);
    Array.Reals w = call.reals(1);
    int groups = call.size(call.number("group", 1));
    int[] dx = x.dims();
    int[] dw = w.dims();
    requireShapes(call, dx.length > 2 && dw.length == dx.length && groups > 0);
    requireShapes(call, dx[1] == dw[1] * groups && dw[0] % groups == 0);
    Window window = Window.of(call, spatial(x), kernel(call, w));
    int[] dims = dims(dx[0], dw[0], window.output());
    int[] taps = window.taps();
    int positions = Sizes.count(window.output());
    double[] values = new double[Sizes.count(dims)];
    for (int i = 0; i < values.length; i++) {
      int m = i / positions % dw[0];
      int n = i / positions / dw[0];
      int firstChannel = m / (dw[0] / groups) * dw[1];
      double sum = call.has(2) ? call.in(2).real(m) : 0;
      for (int c = 0; c < dw[1]; c++) {
        int plane = (n * dx[1] + firstChannel + c) * Sizes.count(window.input());
        int weights = (m * dw[1] + c) * window.places();
        sum += dot(x, w, taps, new Site(plane, weights, i % positions * window.places()));
      }
      values[i] = sum;
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /**
   * Where a kernel meets an input.
   *
   * @param plane the first element of the input's plane
   * @param weights the first weight of the kernel
   * @param taps the first tap of the position
   */
  private record Site(int plane, int weights, int taps) {}

  private static double dot(Array.Reals x, Array.Reals w, int[] taps, Site site) {
    int places = Sizes.count(w.dims(), 2, w.rank());
    double sum = 0;
    for (int k = 0; k < places; k++) {
      int tap = taps[site.taps + k];
      sum += tap < 0 ? 0 : x.values()[site.plane + tap] * w.values()[site.weights + k];
    }
    return sum;
  }

  private static int[] dims(int n, int channels, int[] spatial) {
    long[] dims = new long[spatial.length + 2];
    dims[0] = n;
    dims[1] = channels;
    for (int axis = 0; axis < spatial.length; axis++) {
      dims[axis + 2] = spatial[axis];
    }
    return Sizes.require(dims);
  }

  /**
   * X [N, C, …], W [C, M/group, …], B [M] → Y [N, M, …]: each element of X adds its weighted kernel
   * to Y, at the taps of the window that would slide over Y to make something of X's shape.
   */
  private static Array convTranspose(Call call) {
    Array.Reals x = call.reals(0);
    Array.Reals w = call.reals(1);
    int groups = call.size(call.number("group", 1));
    int[] dx = x.dims();
    int[] dw = w.dims();
    requireShapes(call, dx.length > 2 && dw.length == dx.length && groups > 0);
    requireShapes(call, dx[1] == dw[0] && dx[1] % groups == 0);
    int channels = dw[1] * groups;
    Window window = transposed(call, spatial(x), kernel(call, w));
    int[] dims = dims(dx[0], channels, window.input());
    int area = Sizes.count(window.input());
    double[] values = new double[Sizes.count(dims)];
    for (int i = 0; call.has(2) && i < values.length; i++) {
      values[i] = call.in(2).real(i / area % channels);
    }
    int[] taps = window.taps();
    int positions = Sizes.count(window.output());
    for (int i = 0; i < x.size(); i++) {
      int c = i / positions % dx[1];
      int n = i / positions / dx[1];
      int firstChannel = c / (dx[1] / groups) * dw[1];
      for (int m = 0; m < dw[1]; m++) {
        int plane = (n * channels + firstChannel + m) * area;
        for (int k = 0; k < window.places(); k++) {
          int place = taps[i % positions * window.places() + k];
          if (place >= 0) {
            double weight = w.values()[(c * dw[1] + m) * window.places() + k];
            values[plane + place] += x.values()[i] * weight;
          }
        }
      }
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /** The window over Y; given are X's sizes, which are its positions. */
  private static Window transposed(Call call, int[] positions, int[] kernel) {
    int rank = positions.length;
    Window shape = Window.unpadded(call, new int[rank], kernel);
    int[] pads = call.sizes("pads", new int[2 * rank]);
    shape.requireRanks(call, pads);
    int[] extra = call.sizes("output_padding", new int[rank]);
    int[] asked = call.sizes("output_shape");
    String auto = call.node().stringAttribute("auto_pad", "NOTSET");
    for (int axis = 0; axis < rank; axis++) {
      shape.output()[axis] = positions[axis];
      int full = shape.strides()[axis] * (positions[axis] - 1) + extra[axis] + shape.extent(axis);
      if (asked.length > 0 || auto.startsWith("SAME")) {
        int wanted =
            asked.length > 0
                ? asked[axis + asked.length - rank]
                : positions[axis] * shape.strides()[axis];
        int total = Math.max(0, full - wanted);
        boolean upper = auto.equals("SAME_UPPER");
        shape.begins()[axis] = upper ? total / 2 : total - total / 2;
        shape.input()[axis] = wanted;
      } else {
        boolean padded = !auto.equals("VALID");
        shape.begins()[axis] = padded ? pads[axis] : 0;
        shape.input()[axis] = full - (padded ? pads[axis] + pads[axis + rank] : 0);
      }
    }
    return shape;
  }
}
