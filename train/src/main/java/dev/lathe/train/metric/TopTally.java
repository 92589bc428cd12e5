package dev.lathe.train.metric;

import java.util.Map;

/** Places whose target is among the k largest scores; of equal scores, the first is the larger. */
final class TopTally implements Tally {
  private final Metric metric;
  private final float[] row;

  /** Places, and those that are right. */
  private final double[] sums = new double[2];

  TopTally(Metric metric, Question question) {
    this.metric = metric;
    this.row = new float[question.outputs()];
  }

  @Override
  public void add(Answers answers) {
    int[] targets = answers.classes();
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != Answers.NONE) {
        answers.scores(i, row);
        sums[0]++;
        sums[1] += larger(targets[i]) < metric.most() ? 1 : 0;
      }
    }
  }

  private int larger(int target) {
    int larger = 0;
    for (int k = 0; k < row.length; k++) {
      larger += row[k] > row[target] || (row[k] == row[target] && k < target) ? 1 : 0;
    }
    return larger;
  }

  @Override
  public void put(Map<String, Double> metrics) {
    if (sums[0] > 0) {
      metrics.put(metric.key(), sums[1] / sums[0]);
    }
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
