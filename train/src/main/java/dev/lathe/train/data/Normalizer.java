package dev.lathe.train.data;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Normalization;
import java.util.Arrays;

/**
 * {@code (x - mean) / std} with constants of the training part.
 *
 * @param kind how the constants were taken
 * @param mean FLOAT, one example's shape, or [] for one constant
 * @param std FLOAT of the same shape, above 0 everywhere
 */
public record Normalizer(Normalization kind, Tensor mean, Tensor std) {
  /** Leaves everything as it is. */
  static Normalizer none() {
    return new Normalizer(Normalization.NONE, Tensor.scalar(0f), Tensor.scalar(1f));
  }

  /** Takes the constants from raw training features, FLOAT [N, ...]. */
  static Normalizer of(Normalization kind, Tensor x) {
    return switch (kind) {
      case NONE -> none();
      case SCALE -> new Normalizer(kind, Tensor.scalar(0f), Tensor.scalar(largest(x)));
      case STANDARD -> standard(kind, x, Math.toIntExact(Examples.rowSize(x)));
      case STANDARD_ALL -> standard(kind, x, 1);
    };
  }

  private static float largest(Tensor x) {
    float largest = 0;
    for (long i = 0; i < x.size(); i++) {
      largest = Math.max(largest, Math.abs(Floats.get(x, i)));
    }
    return largest > 0 ? largest : 1;
  }

  private static Normalizer standard(Normalization kind, Tensor x, int width) {
    double[] mean = new double[width];
    double[] square = new double[width];
    double count = (double) x.size() / width;
    for (long i = 0; i < x.size(); i++) {
      mean[(int) (i % width)] += Floats.get(x, i) / count;
    }
    for (long i = 0; i < x.size(); i++) {
      double off = Floats.get(x, i) - mean[(int) (i % width)];
      square[(int) (i % width)] += off * off / count;
    }
    long[] dims = width == 1 ? new long[0] : Arrays.copyOfRange(x.dims(), 1, x.rank());
    float[] means = new float[width];
    float[] stds = new float[width];
    for (int c = 0; c < width; c++) {
      means[c] = (float) mean[c];
      float std = (float) Math.sqrt(square[c]);
      stds[c] = std > 1e-6f * Math.max(1, Math.abs(means[c])) ? std : 1;
    }
    return new Normalizer(kind, Tensor.ofFloats(means, dims), Tensor.ofFloats(stds, dims));
  }

  /** New features; the raw ones stay as they are. */
  Tensor apply(Tensor x) {
    if (kind == Normalization.NONE) {
      return x;
    }
    Tensor result = Tensor.zeros(x.type(), x.dims());
    long width = mean.size();
    for (long i = 0; i < x.size(); i++) {
      float centred = Floats.get(x, i) - Floats.get(mean, i % width);
      Floats.set(result, i, centred / Floats.get(std, i % width));
    }
    return result;
  }
}
