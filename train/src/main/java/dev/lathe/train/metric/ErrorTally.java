package dev.lathe.train.metric;

import java.util.Map;

/** Errors of numbers. */
final class ErrorTally implements Tally {
  private static final int EACH = 4;

  private final int outputs;
  private final float[] found;
  private final float[] wanted;

  /**
   * Examples and absolute error; then for each output the squared error, the first target, and the
   * sums of (target - first) and (target - first)², which lose nothing far from 0.
   */
  private final double[] sums;

  ErrorTally(Question question) {
    this.outputs = question.outputs();
    this.found = new float[outputs];
    this.wanted = new float[outputs];
    this.sums = new double[2 + EACH * outputs];
  }

  @Override
  public void add(Answers answers) {
    for (int n = 0; n < answers.count(); n++) {
      answers.scores(n, found);
      answers.numbers(n, wanted);
      for (int k = 0; k < outputs; k++) {
        int at = 2 + EACH * k;
        double error = (double) found[k] - wanted[k];
        if (sums[0] == 0) {
          sums[at + 1] = wanted[k];
        }
        double off = wanted[k] - sums[at + 1];
        sums[1] += Math.abs(error);
        sums[at] += error * error;
        sums[at + 2] += off;
        sums[at + 3] += off * off;
      }
      sums[0]++;
    }
  }

  @Override
  public void put(Map<String, Double> metrics) {
    if (sums[0] == 0) {
      return;
    }
    double squared = 0;
    double explained = 0;
    for (int k = 0; k < outputs; k++) {
      squared += sums[2 + EACH * k];
      explained += determination(2 + EACH * k);
    }
    double mean = squared / (sums[0] * outputs);
    metrics.put("mse", mean);
    metrics.put("rmse", Math.sqrt(mean));
    metrics.put("mae", sums[1] / (sums[0] * outputs));
    metrics.put("r2", explained / outputs);
  }

  /** R² of an output; of one that never varies, 1 if it is met and 0 if not. */
  private double determination(int at) {
    double variation = sums[at + 3] - sums[at + 2] * sums[at + 2] / sums[0];
    if (variation > 1e-12) {
      return 1 - sums[at] / variation;
    }
    return sums[at] == 0 ? 1 : 0;
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
