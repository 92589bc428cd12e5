package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.Missing;
import dev.lathe.train.TrainError;

/** What stands for features that are missing, found from those that pass by once. */
public final class Means {
  private final Missing missing;
  private final double[] sums;
  private final long[] counts;

  /**
   * Of no features yet.
   *
   * @param missing what stands for them
   * @param width F
   */
  public Means(Missing missing, int width) {
    this.missing = missing;
    this.sums = new double[width];
    this.counts = new long[width];
  }

  int width() {
    return sums.length;
  }

  /**
   * Takes the features of one more example of the training part.
   *
   * @param features all F of them; NaN where one is missing
   */
  public void add(float[] features) {
    if (missing != Missing.MEAN) {
      return;
    }
    for (int i = 0; i < features.length; i++) {
      if (!Float.isNaN(features[i])) {
        sums[i] += features[i];
        counts[i]++;
      }
    }
  }

  /**
   * The constants.
   *
   * @param dims the shape of one example
   * @return FLOAT of that shape, or [] for one constant; without elements if nothing may be missing
   * @throws LatheException BAD_DATA if a feature has no number at all
   */
  public Tensor fill(long[] dims) {
    return switch (missing) {
      case ERROR -> Normalizer.WHOLE;
      case ZERO -> Tensor.scalar(0f);
      case MEAN -> Tensor.ofFloats(means(), dims);
    };
  }

  private float[] means() {
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      if (counts[i] == 0) {
        throw new LatheException(
            TrainError.BAD_DATA,
            "data.missing: feature "
                + i
                + ", counted from 0, is missing in all of the training part (expected: a number,"
                + " or missing: zero)");
      }
      means[i] = (float) (sums[i] / counts[i]);
    }
    return means;
  }
}
