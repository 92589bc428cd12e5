package dev.lathe.train.metric;

import dev.lathe.train.Task;
import java.util.List;

/**
 * What a model is asked, as far as its answers are measured.
 *
 * @param task the task
 * @param outputs K, scores of an answer
 * @param ignored the class whose places do not count; negative ones never do
 * @param plainLoss whether the loss is -log softmax(y)[target] alone
 * @param labels class names; empty where answers are numbers or tokens
 */
public record Question(
    Task task, int outputs, long ignored, boolean plainLoss, List<String> labels) {
  /** Copies the labels. */
  public Question {
    labels = List.copyOf(labels);
  }

  /** Classes that an answer chooses among: a single score chooses between two. */
  int classes() {
    return task == Task.BINARY ? 2 : outputs;
  }

  /** Whether classes are more than places, and few enough to be told one by one. */
  boolean hasFewClasses() {
    return task != Task.QUESTION_ANSWERING && classes() <= ConfusionTally.MAX_CLASSES;
  }
}
