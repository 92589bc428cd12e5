package dev.lathe.train.data;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Missing;
import dev.lathe.train.Normalization;
import java.util.Arrays;

/**
 * {@code (x - mean) / std} with constants of the training part, and what stands for NaN in x.
 *
 * @param kind how the constants were taken
 * @param mean FLOAT, one example's shape, or [] for one constant
 * @param std FLOAT of the same shape, above 0 everywhere
 * @param fill FLOAT, one example's shape, or [] for one constant; without elements where nothing
 *     may be missing
 */
public record Normalizer(Normalization kind, Tensor mean, Tensor std, Tensor fill) {
  /** Fills nothing. */
  public static final Tensor WHOLE = Tensor.ofFloats(new float[0], 0);

  /**
   * Of features of which none is missing.
   *
   * @param kind how the constants were taken
   * @param mean FLOAT, one example's shape, or [] for one constant
   * @param std FLOAT of the same shape, above 0 everywhere
   */
  public Normalizer(Normalization kind, Tensor mean, Tensor std) {
    this(kind, mean, std, WHOLE);
  }

  /**
   * With something for what is missing.
   *
   * @param constants FLOAT, one example's shape, or []
   * @return the same with these
   */
  public Normalizer filling(Tensor constants) {
    return new Normalizer(kind, mean, std, constants);
  }

  /**
   * Whether features may be missing.
   *
   * @return true if there is something that stands for them
   */
  public boolean fills() {
    return fill.size() > 0;
  }

  /** Leaves everything as it is. */
  static Normalizer none() {
    return new Normalizer(Normalization.NONE, Tensor.scalar(0f), Tensor.scalar(1f));
  }

  /** Takes the constants from raw training features, FLOAT [N, ...], NaN where one is missing. */
  static Normalizer of(Normalization kind, Missing missing, Tensor x) {
    if (missing == Missing.ERROR) {
      return of(kind, x);
    }
    Means means = new Means(missing, Math.toIntExact(Examples.rowSize(x)));
    float[] row = new float[means.width()];
    for (long i = 0; i < x.size(); i++) {
      int place = (int) (i % row.length);
      row[place] = Floats.get(x, i);
      if (place == row.length - 1) {
        means.add(row);
      }
    }
    Tensor fill = means.fill(Arrays.copyOfRange(x.dims(), 1, x.rank()));
    return of(kind, filled(x, fill)).filling(fill);
  }

  private static Tensor filled(Tensor x, Tensor fill) {
    Tensor result = Tensor.zeros(x.type(), x.dims());
    for (long i = 0; i < x.size(); i++) {
      float value = Floats.get(x, i);
      Floats.set(result, i, Float.isNaN(value) ? Floats.get(fill, i % fill.size()) : value);
    }
    return result;
  }

  private static Normalizer of(Normalization kind, Tensor x) {
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
  Tensor apply(Tensor raw) {
    Tensor x = fills() ? filled(raw, fill) : raw;
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
