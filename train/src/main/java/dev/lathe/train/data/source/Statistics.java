package dev.lathe.train.data.source;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Normalization;
import dev.lathe.train.data.Normalizer;

/**
 * Mean and spread of features that pass by once.
 *
 * @see <a href="https://doi.org/10.1080/00401706.1962.10490022">Welford 1962</a>
 */
public final class Statistics {
  private final Normalization kind;
  private final double[] means;
  private final double[] squares;
  private double largest;
  private final long[] counts;
  private long count;

  /**
   * Of no features yet.
   *
   * @param kind which constants are wanted
   * @param width F
   */
  public Statistics(Normalization kind, int width) {
    this.kind = kind;
    int kept =
        switch (kind) {
          case NONE, SCALE -> 0;
          case STANDARD -> width;
          case STANDARD_ALL -> 1;
        };
    this.means = new double[kept];
    this.squares = new double[kept];
    this.counts = new long[kept];
  }

  /**
   * Takes the features of one more example.
   *
   * @param features all F of them; NaN where one is missing: its mean will stand for it
   */
  public void add(float[] features) {
    switch (kind) {
      case NONE -> {
        // Nothing is needed.
      }
      case SCALE -> {
        for (float value : features) {
          largest = Float.isNaN(value) ? largest : Math.max(largest, Math.abs(value));
        }
      }
      case STANDARD -> {
        count++;
        for (int i = 0; i < features.length; i++) {
          if (!Float.isNaN(features[i])) {
            add(i, features[i], 1.0 / ++counts[i]);
          }
        }
      }
      case STANDARD_ALL -> {
        for (float value : features) {
          add(0, value, 1.0 / ++count);
        }
      }
    }
  }

  private void add(int place, float value, double part) {
    double off = value - means[place];
    means[place] += off * part;
    squares[place] += off * (value - means[place]);
  }

  /**
   * The constants; a feature that never varies is only centred.
   *
   * @param dims the shape of one example
   * @return what is to be done to raw features
   */
  public Normalizer normalizer(long[] dims) {
    return switch (kind) {
      case NONE -> new Normalizer(kind, Tensor.scalar(0f), Tensor.scalar(1f));
      case SCALE ->
          new Normalizer(
              kind, Tensor.scalar(0f), Tensor.scalar(largest > 0 ? (float) largest : 1f));
      case STANDARD -> standard(dims);
      case STANDARD_ALL -> standard(new long[0]);
    };
  }

  private Normalizer standard(long[] dims) {
    float[] mean = new float[means.length];
    float[] std = new float[means.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) means[i];
      float spread = (float) Math.sqrt(squares[i] / Math.max(1, count));
      std[i] = spread > 1e-6f * Math.max(1, Math.abs(mean[i])) ? spread : 1;
    }
    return new Normalizer(kind, Tensor.ofFloats(mean, dims), Tensor.ofFloats(std, dims));
  }
}
