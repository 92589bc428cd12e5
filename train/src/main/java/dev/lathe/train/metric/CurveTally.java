package dev.lathe.train.metric;

import dev.lathe.ir.LatheException;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import java.util.Map;

/** The area under the curve of each class against the rest. */
final class CurveTally implements Tally {
  static final int MAX_CLASSES = 256;

  private final boolean single;
  private final boolean several;
  private final float[] row;
  private final Ranks[] ranks;

  /** Throws TOO_LARGE if there are too many classes. */
  CurveTally(Question question) {
    if (question.classes() > MAX_CLASSES) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          "metrics: auc of "
              + question.classes()
              + " classes (expected: at most "
              + MAX_CLASSES
              + ")");
    }
    this.single = question.task() == Task.BINARY;
    this.several = question.task() == Task.MULTI_LABEL;
    this.row = new float[question.outputs()];
    this.ranks = new Ranks[question.outputs()];
    for (int k = 0; k < ranks.length; k++) {
      ranks[k] = new Ranks(ranks.length);
    }
  }

  @Override
  public void add(Answers answers) {
    if (several) {
      addLabels(answers);
      return;
    }
    int[] targets = answers.classes();
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] == Answers.NONE) {
        continue;
      }
      answers.scores(i, row);
      if (single) {
        ranks[0].add(row[0], Ranks.side(targets[i] == 1));
      } else {
        double sum = LogSoftmax.sumOf(row);
        for (int k = 0; k < ranks.length; k++) {
          ranks[k].add((float) (row[k] - sum), Ranks.side(targets[i] == k));
        }
      }
    }
  }

  private void addLabels(Answers answers) {
    float[] marks = new float[row.length];
    for (int n = 0; n < answers.count(); n++) {
      answers.scores(n, row);
      answers.numbers(n, marks);
      for (int k = 0; k < ranks.length; k++) {
        ranks[k].add(row[k], Ranks.side(marks[k] >= 0.5f));
      }
    }
  }

  @Override
  public void put(Map<String, Double> metrics) {
    double sum = 0;
    int known = 0;
    for (Ranks each : ranks) {
      double area = each.area();
      if (!Double.isNaN(area)) {
        sum += area;
        known++;
      }
    }
    if (known > 0) {
      metrics.put("auc", sum / known);
    }
  }

  @Override
  public double[] sums() {
    return new double[0];
  }
}
