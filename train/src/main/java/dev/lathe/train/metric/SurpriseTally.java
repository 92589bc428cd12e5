package dev.lathe.train.metric;

import java.util.Map;

/** How surprising targets are, where the loss is more than that. */
final class SurpriseTally implements Tally {
  private final float[] row;

  /** Places, and the sum of -log softmax(y)[target]. */
  private final double[] sums = new double[2];

  SurpriseTally(Question question) {
    this.row = new float[question.outputs()];
  }

  @Override
  public void add(Answers answers) {
    int[] targets = answers.classes();
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != Answers.NONE) {
        answers.scores(i, row);
        sums[0]++;
        sums[1] += LogSoftmax.sumOf(row) - row[targets[i]];
      }
    }
  }

  @Override
  public void put(Map<String, Double> metrics) {
    if (sums[0] > 0) {
      metrics.put("perplexity", Math.exp(sums[1] / sums[0]));
    }
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
