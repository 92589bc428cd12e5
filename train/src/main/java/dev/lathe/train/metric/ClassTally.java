package dev.lathe.train.metric;

import dev.lathe.train.Evaluation.ClassScore;
import dev.lathe.train.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Right answers, answers and examples of each class. */
final class ClassTally implements Tally {
  private final Question question;
  private final int classes;

  /** For each class: right answers, answers, examples. */
  private final double[] sums;

  ClassTally(Question question) {
    this.question = question;
    this.classes = question.classes();
    this.sums = new double[3 * classes];
  }

  @Override
  public void add(Answers answers) {
    int[] targets = answers.classes();
    int[] chosen = answers.chosen();
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != Answers.NONE) {
        sums[3 * targets[i]] += targets[i] == chosen[i] ? 1 : 0;
        sums[3 * chosen[i] + 1]++;
        sums[3 * targets[i] + 2]++;
      }
    }
  }

  /** Precision, recall and F1 of each class; 0 where there is nothing to divide by. */
  List<ClassScore> scores() {
    List<ClassScore> scores = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      String label = k < question.labels().size() ? question.labels().get(k) : Integer.toString(k);
      scores.add(score(label, sums[3 * k], sums[3 * k + 1], sums[3 * k + 2]));
    }
    return scores;
  }

  /** Precision, recall and F1 from counts; 0 where there is nothing to divide by. */
  static ClassScore score(String label, double right, double answers, double examples) {
    return new ClassScore(
        label,
        answers == 0 ? 0 : right / answers,
        examples == 0 ? 0 : right / examples,
        answers + examples == 0 ? 0 : 2 * right / (answers + examples),
        (long) examples);
  }

  @Override
  public void put(Map<String, Double> metrics) {
    double right = sum(0);
    double all = sum(2);
    if (all == 0) {
      return;
    }
    ClassScore together = score("", right, sum(1), all);
    metrics.put("accuracy", right / all);
    metrics.put("precision", mean(ClassScore::precision));
    metrics.put("recall", mean(ClassScore::recall));
    metrics.put("f1", mean(ClassScore::f1));
    metrics.put("precision_micro", together.precision());
    metrics.put("recall_micro", together.recall());
    metrics.put("f1_micro", together.f1());
  }

  private double sum(int column) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += sums[3 * k + column];
    }
    return sum;
  }

  /** The mean over classes that are answered or asked for; with two, the second's. */
  private double mean(ToDoubleFunction<ClassScore> part) {
    List<ClassScore> scores = scores();
    if (question.task() == Task.BINARY) {
      return part.applyAsDouble(scores.getLast());
    }
    double sum = 0;
    int seen = 0;
    for (int k = 0; k < classes; k++) {
      if (sums[3 * k + 1] + sums[3 * k + 2] > 0) {
        sum += part.applyAsDouble(scores.get(k));
        seen++;
      }
    }
    return sum / seen;
  }

  @Override
  public double[] sums() {
    return sums;
  }
}
