package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import dev.lathe.ir.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Pools over any number of spatial axes. X [N, C, …] → Y [N, C, …]. */
final class Pooling {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("MaxPool", Pooling::maxPool),
          entry("AveragePool", one(Pooling::averagePool)),
          entry("LpPool", one(Pooling::lpPool)),
          entry("GlobalAveragePool", one(call -> global(call, Pooling::average))),
          entry("GlobalMaxPool", one(call -> global(call, Pooling::largest))),
          entry("GlobalLpPool", one(call -> global(call, plane -> length(call, plane)))),
          entry("MaxUnpool", one(Pooling::maxUnpool)));

  private Pooling() {}

  private interface PlaneRule {
    double of(double[] plane);
  }

  private static Window window(Call call) {
    int[] dims = call.in(0).dims();
    if (dims.length < 3) {
      throw call.bad("shape " + Arrays.toString(dims) + " (expected: three axes or more)");
    }
    return Window.of(call, Arrays.copyOfRange(dims, 2, dims.length), call.sizes("kernel_shape"));
  }

  private static int[] dims(Call call, int[] spatial) {
    int[] dims = call.in(0).dims().clone();
    System.arraycopy(spatial, 0, dims, 2, spatial.length);
    return Sizes.require(dims);
  }

  /** Indices are places in the whole of X; storage_order 1 counts columns first within a plane. */
  private static List<Array> maxPool(Call call) {
    Array x = call.in(0);
    Window window = window(call);
    int[] dims = dims(call, window.output());
    int[] taps = window.taps();
    int positions = Sizes.count(window.output());
    int area = Sizes.count(window.input());
    int[] best = new int[Sizes.count(dims)];
    for (int i = 0; i < best.length; i++) {
      int plane = i / positions * area;
      best[i] = -1;
      for (int k = 0; k < window.places(); k++) {
        int tap = taps[i % positions * window.places() + k];
        if (tap >= 0 && (best[i] < 0 || x.real(plane + tap) > x.real(best[i]))) {
          best[i] = plane + tap;
        }
      }
    }
    long[] indices = Arrays.stream(best).asLongStream().toArray();
    if (call.flag("storage_order")) {
      Arrays.setAll(indices, i -> columnsFirst(best[i], area, window.input()));
    }
    return List.of(x.pick(dims, best), new Array.Integers(ElementType.INT64, dims, indices));
  }

  private static long columnsFirst(int place, int area, int[] input) {
    int[] index = Sizes.index(input, place % area);
    long column = 0;
    for (int axis = input.length - 1; axis >= 0; axis--) {
      column = column * input[axis] + index[axis];
    }
    return place - place % area + column;
  }

  private static Array averagePool(Call call) {
    Array.Reals x = call.reals(0);
    Window window = window(call);
    boolean countPads = call.flag("count_include_pad");
    int[] dims = dims(call, window.output());
    int[] taps = window.taps();
    int positions = Sizes.count(window.output());
    int area = Sizes.count(window.input());
    double[] values = new double[Sizes.count(dims)];
    for (int i = 0; i < values.length; i++) {
      int position = i % positions;
      double sum = 0;
      int count = 0;
      for (int k = 0; k < window.places(); k++) {
        int tap = taps[position * window.places() + k];
        sum += tap < 0 ? 0 : x.values()[i / positions * area + tap];
        count += tap >= 0 || countPads && window.withinPadding(position, k) ? 1 : 0;
      }
      values[i] = sum / count;
    }
    return new Array.Reals(x.type(), dims, values);
  }

  private static Array lpPool(Call call) {
    Array.Reals x = call.reals(0);
    Window window = window(call);
    double p = call.number("p", 2);
    int[] dims = dims(call, window.output());
    int[] taps = window.taps();
    int positions = Sizes.count(window.output());
    int area = Sizes.count(window.input());
    double[] values = new double[Sizes.count(dims)];
    for (int i = 0; i < values.length; i++) {
      double sum = 0;
      for (int k = 0; k < window.places(); k++) {
        int tap = taps[i % positions * window.places() + k];
        sum += tap < 0 ? 0 : Math.pow(Math.abs(x.values()[i / positions * area + tap]), p);
      }
      values[i] = Math.pow(sum, 1 / p);
    }
    return new Array.Reals(x.type(), dims, values);
  }

  private static Array global(Call call, PlaneRule rule) {
    Array.Reals x = call.reals(0);
    int[] ones = new int[Math.max(0, x.rank() - 2)];
    Arrays.fill(ones, 1);
    int[] dims = dims(call, ones);
    int area = Sizes.count(x.dims(), 2, x.rank());
    double[] values = new double[Sizes.count(dims)];
    Arrays.setAll(values, i -> rule.of(Arrays.copyOfRange(x.values(), i * area, (i + 1) * area)));
    return new Array.Reals(x.type(), dims, values);
  }

  private static double average(double[] plane) {
    return Arrays.stream(plane).sum() / plane.length;
  }

  private static double largest(double[] plane) {
    return Arrays.stream(plane).reduce(Double.NEGATIVE_INFINITY, Math::max);
  }

  private static double length(Call call, double[] plane) {
    double p = call.number("p", 2);
    return Math.pow(Arrays.stream(plane).map(x -> Math.pow(Math.abs(x), p)).sum(), 1 / p);
  }

  /** Zeros with each value at the place in the whole output that its index names. */
  private static Array maxUnpool(Call call) {
    Array.Reals x = call.reals(0);
    long[] indices = call.longs(1);
    int[] kernel = call.sizes("kernel_shape");
    int[] pads = call.sizes("pads", new int[2 * kernel.length]);
    int[] dims = x.dims().clone();
    for (int i = 0; i < kernel.length; i++) {
      int stride = call.sizes("strides", new int[0]).length == 0 ? 1 : call.sizes("strides")[i];
      dims[i + 2] = (dims[i + 2] - 1) * stride + kernel[i] - pads[i] - pads[i + kernel.length];
    }
    int[] wide = call.has(2) ? Sizes.require(call.longs(2)) : Sizes.require(dims);
    double[] values = new double[Sizes.count(wide)];
    for (int i = 0; i < indices.length; i++) {
      values[Math.toIntExact(indices[i])] = x.values()[i];
    }
    return new Array.Reals(x.type(), wide, values);
  }
}
