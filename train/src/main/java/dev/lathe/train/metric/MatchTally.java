package dev.lathe.train.metric;

import java.util.Map;

/** Examples that are right at every place that counts. */
final class MatchTally implements Tally {
  /** Examples with a place that counts, and those that are right. */
  private final double[] sums = new double[2];

  @Override
  public void add(Answers answers) {
    int[] targets = answers.classes();
    int[] chosen = answers.chosen();
    int places = answers.placesEach();
    for (int n = 0; n < answers.count(); n++) {
      int counted = 0;
      int right = 0;
      for (int i = n * places; i < (n + 1) * places; i++) {
        counted += targets[i] == Answers.NONE ? 0 : 1;
        right += targets[i] == chosen[i] ? 1 : 0;
      }
      sums[0] += counted > 0 ? 1 : 0;
      sums[1] += counted > 0 && right == counted ? 1 : 0;
    }
  }

  @Override
  public void put(Map<String, Double> metrics) {
    if (sums[0] > 0) {
      metrics.put("exact_match", sums[1] / sums[0]);
    }
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
