package dev.lathe.train.metric;

import dev.lathe.train.Evaluation.ClassScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Right answers, answers and examples of each label, where an example may have any of them. */
final class MarkTally implements Tally {
  private static final int EACH = 3;

  private final Question question;
  private final int labels;
  private final float[] scores;
  private final float[] marks;

  /** Examples, and those right in all labels; then for each label: right, answered, wanted. */
  private final double[] sums;

  MarkTally(Question question) {
    this.question = question;
    this.labels = question.outputs();
    this.scores = new float[labels];
    this.marks = new float[labels];
    this.sums = new double[2 + EACH * labels];
  }

  @Override
  public void add(Answers answers) {
    for (int n = 0; n < answers.count(); n++) {
      answers.scores(n, scores);
      answers.numbers(n, marks);
      int right = 0;
      for (int k = 0; k < labels; k++) {
        boolean answered = scores[k] >= 0;
        boolean wanted = marks[k] >= 0.5f;
        int at = 2 + EACH * k;
        sums[at] += answered && wanted ? 1 : 0;
        sums[at + 1] += answered ? 1 : 0;
        sums[at + 2] += wanted ? 1 : 0;
        right += answered == wanted ? 1 : 0;
      }
      sums[0]++;
      sums[1] += right == labels ? 1 : 0;
    }
  }

  /** Precision, recall and F1 of each label; 0 where there is nothing to divide by. */
  List<ClassScore> scores() {
    List<ClassScore> all = new ArrayList<>();
    for (int k = 0; k < labels; k++) {
      String label = k < question.labels().size() ? question.labels().get(k) : Integer.toString(k);
      int at = 2 + EACH * k;
      all.add(ClassTally.score(label, sums[at], sums[at + 1], sums[at + 2]));
    }
    return all;
  }

  @Override
  public void put(Map<String, Double> metrics) {
    if (sums[0] == 0) {
      return;
    }
    double right = sum(0);
    double answered = sum(1);
    double wanted = sum(2);
    double wrong = answered + wanted - 2 * right;
    ClassScore together = ClassTally.score("", right, answered, wanted);
    List<ClassScore> each = scores();
    metrics.put("accuracy", 1 - wrong / (sums[0] * labels));
    metrics.put("precision", each.stream().mapToDouble(ClassScore::precision).sum() / labels);
    metrics.put("recall", each.stream().mapToDouble(ClassScore::recall).sum() / labels);
    metrics.put("f1", each.stream().mapToDouble(ClassScore::f1).sum() / labels);
    metrics.put("precision_micro", together.precision());
    metrics.put("recall_micro", together.recall());
    metrics.put("f1_micro", together.f1());
    metrics.put("exact_match", sums[1] / sums[0]);
  }

  private double sum(int column) {
    double sum = 0;
    for (int k = 0; k < labels; k++) {
      sum += sums[2 + EACH * k + column];
    }
    return sum;
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
