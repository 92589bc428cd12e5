package dev.lathe.train;

import java.util.Locale;

/** What a model is asked: a class, a yes or no, or numbers. */
public enum Task {
  /** One of K classes; the model gives K probabilities and a label's index. */
  CLASSIFICATION(LossKind.CROSS_ENTROPY),
  /** One of two classes by one score; the model gives the second label's probability. */
  BINARY(LossKind.BINARY_CROSS_ENTROPY),
  /** Numbers; the model gives them as they are. */
  REGRESSION(LossKind.MEAN_SQUARED_ERROR),
  /** The next token of a text, at every place; the model gives a score for each token. */
  LANGUAGE_MODEL(LossKind.CROSS_ENTROPY);

  private final LossKind loss;

  Task(LossKind loss) {
    this.loss = loss;
  }

  /**
   * The loss that fits the task.
   *
   * @return the loss used when a recipe names none
   */
  public LossKind loss() {
    return loss;
  }

  /**
   * The name in recipes and in {@code lathe.yaml}.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
