package dev.lathe.runtime.interpreter;

import static dev.lathe.runtime.interpreter.Kernel.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;

/** Fourier transforms, by their definition, and determinants. Complex numbers are pairs. */
final class Transforming {
  static final Map<String, Kernel> TABLE =
      Map.ofEntries(
          entry("DFT", one(Transforming::fourier)),
          entry("STFT", one(Transforming::shortTime)),
          entry("Det", one(Transforming::determinant)));

  private Transforming() {}

  /**
   * A line of complex or real numbers, transformed.
   *
   * @param parts 1 for real, 2 for complex
   * @param length how many of them count; further ones are 0
   * @param inverse whether back, divided by the length
   */
  private record Wave(int parts, int length, boolean inverse) {
    /** Writes [bins, 2]. */
    double[] transform(double[] line, int bins) {
      double[] out = new double[2 * bins];
      int given = Math.min(length, line.length / parts);
      for (int k = 0; k < bins; k++) {
        for (int j = 0; j < given; j++) {
          double angle = (inverse ? 2 : -2) * Math.PI * ((long) k * j % length) / length;
          double real = line[j * parts];
          double imaginary = parts == 2 ? line[j * parts + 1] : 0;
          out[2 * k] += real * Math.cos(angle) - imaginary * Math.sin(angle);
          out[2 * k + 1] += real * Math.sin(angle) + imaginary * Math.cos(angle);
        }
      }
      return inverse ? Arrays.stream(out).map(v -> v / length).toArray() : out;
    }
  }

  /** [..., n, ..., 1 or 2] to [..., bins, ..., 2]. */
  private static Array fourier(Call call) {
    Array.Reals x = call.reals(0);
    boolean half = call.flag("onesided");
    if (half && call.flag("inverse")) {
      throw call.unsupported("inverse and onesided (expected: one of them)");
    }
    int parts = parts(call, x);
    long given = call.opset() < 20 ? call.number("axis", 1) : call.has(2) ? call.longs(2)[0] : -2;
    int axis = call.axis(given, x.rank());
    int length = call.has(1) ? call.size(call.longs(1)[0]) : x.dims()[axis];
    Wave wave = new Wave(parts, length, call.flag("inverse"));
    int size = x.dims()[axis];
    int bins = half ? length / 2 + 1 : length;
    int inner = Sizes.count(x.dims(), axis + 1, x.rank() - 1);
    int[] dims = x.dims().clone();
    dims[axis] = bins;
    dims[dims.length - 1] = 2;
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    for (int start = 0; start < x.size() / parts / Math.max(1, size); start++) {
      int outer = start / inner;
      int lane = start % inner;
      double[] line = new double[size * parts];
      for (int i = 0; i < line.length; i++) {
        int place = (outer * size + i / parts) * inner + lane;
        line[i] = x.values()[place * parts + i % parts];
      }
      double[] out = wave.transform(line, bins);
      for (int i = 0; i < out.length; i++) {
        values[((outer * bins + i / 2) * inner + lane) * 2 + i % 2] = out[i];
      }
    }
    return new Array.Reals(x.type(), dims, values);
  }

  private static int parts(Call call, Array.Reals x) {
    int parts = x.rank() < 2 ? 0 : x.dims()[x.rank() - 1];
    if (parts != 1 && parts != 2) {
      throw call.bad("input " + x.describe() + " (expected: 1 or 2 at the last axis)");
    }
    return parts;
  }

  /** Signal [B, n, 1 or 2] to [B, frames, bins, 2]. */
  private static Array shortTime(Call call) {
    Array.Reals x = call.reals(0);
    int parts = parts(call, x);
    int step = call.size(call.longs(1)[0]);
    int size = x.dims()[1];
    int length = call.has(3) ? call.size(call.longs(3)[0]) : call.has(2) ? call.in(2).size() : size;
    int frames = (size - length) / step + 1;
    int bins = call.number("onesided", 1) != 0 ? length / 2 + 1 : length;
    int[] dims = {x.dims()[0], frames, bins, 2};
    double[] values = new double[Sizes.count(Sizes.require(dims))];
    Wave wave = new Wave(parts, length, false);
    for (int frame = 0; frame < dims[0] * frames; frame++) {
      int from = (frame / frames * size + frame % frames * step) * parts;
      double[] line = Arrays.copyOfRange(x.values(), from, from + length * parts);
      for (int i = 0; i < line.length; i++) {
        line[i] *= call.has(2) ? call.in(2).real(i / parts) : 1;
      }
      System.arraycopy(wave.transform(line, bins), 0, values, frame * bins * 2, bins * 2);
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /** [..., M, M] to [...], by elimination. */
  private static Array determinant(Call call) {
    Array.Reals x = call.reals(0);
    int rank = x.rank();
    if (rank < 2 || x.dims()[rank - 1] != x.dims()[rank - 2]) {
      throw call.bad("input " + x.describe() + " (expected: square matrices)");
    }
    int size = x.dims()[rank - 1];
    int[] dims = Arrays.copyOf(x.dims(), rank - 2);
    double[] values = new double[Sizes.count(dims)];
    for (int i = 0; i < values.length; i++) {
      int from = i * size * size;
      values[i] = determinant(Arrays.copyOfRange(x.values(), from, from + size * size), size);
    }
    return new Array.Reals(x.type(), dims, values);
  }

  /** Rows are swapped so that the largest element of a column divides. */
  private static double determinant(double[] a, int size) {
    double product = 1;
    for (int column = 0; column < size; column++) {
      int best = column;
      for (int row = column + 1; row < size; row++) {
        best = Math.abs(a[row * size + column]) > Math.abs(a[best * size + column]) ? row : best;
      }
      double pivot = a[best * size + column];
      if (pivot == 0) {
        return 0;
      }
      product *= best == column ? pivot : -pivot;
      for (int k = 0; k < size; k++) {
        double swapped = a[best * size + k];
        a[best * size + k] = a[column * size + k];
        a[column * size + k] = swapped;
      }
      for (int row = column + 1; row < size; row++) {
        double factor = a[row * size + column] / pivot;
        for (int k = column; k < size; k++) {
          a[row * size + k] -= factor * a[column * size + k];
        }
      }
    }
    return product;
  }
}
