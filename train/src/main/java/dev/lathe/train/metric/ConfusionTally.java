package dev.lathe.train.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How often each class was taken for each. */
final class ConfusionTally implements Tally {
  static final int MAX_CLASSES = 256;

  private final int classes;
  private final long[] counts;

  ConfusionTally(Question question) {
    this.classes = question.classes();
    this.counts = new long[classes * classes];
  }

  @Override
  public void add(Answers answers) {
    int[] targets = answers.classes();
    int[] chosen = answers.chosen();
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != Answers.NONE) {
        counts[targets[i] * classes + chosen[i]]++;
      }
    }
  }

  /** Counts by class [K] and answer [K]. */
  List<List<Long>> matrix() {
    List<List<Long>> rows = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      List<Long> row = new ArrayList<>();
      for (int i = 0; i < classes; i++) {
        row.add(counts[k * classes + i]);
      }
      rows.add(row);
    }
    return rows;
  }

  @Override
  public void put(Map<String, Double> metrics) {
    // It is no single number.
  }

  @Override
  public double[] sums() {
    return new double[0];
  }
}
