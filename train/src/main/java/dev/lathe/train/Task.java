package dev.lathe.train;

import java.util.Locale;

/** What a model is asked: a class, a yes or no, labels, numbers or text. */
public enum Task {
  /** One of K classes; the model gives K probabilities and a label's index. */
  CLASSIFICATION(new LossRecipe.CrossEntropy()),
  /** One of two classes by one score; the model gives the second label's probability. */
  BINARY(new LossRecipe.BinaryCrossEntropy()),
  /**
   * Any of K labels, or none; the model gives K probabilities and for each label whether it is
   * there.
   */
  MULTI_LABEL(new LossRecipe.BinaryCrossEntropy()),
  /** Numbers; the model gives them as they are. */
  REGRESSION(new LossRecipe.MeanSquaredError()),
  /** The next token of a text, at every place; the model gives a score for each token. */
  LANGUAGE_MODEL(new LossRecipe.CrossEntropy()),
  /** A sentence in another language; the model gives a score for each next token. */
  TRANSLATION(new LossRecipe.CrossEntropy()),
  /** One of K classes for a text; the model gives K probabilities and a label's index. */
  TEXT_CLASSIFICATION(new LossRecipe.CrossEntropy()),
  /** One of K classes for each token; the model gives probabilities and an index for each. */
  TOKEN_CLASSIFICATION(new LossRecipe.CrossEntropy()),
  /** Where in a text the answer stands; the model gives scores of each token as its ends. */
  QUESTION_ANSWERING(new LossRecipe.CrossEntropy());

  private final LossRecipe loss;

  Task(LossRecipe loss) {
    this.loss = loss;
  }

  /**
   * The loss that fits the task.
   *
   * @return the loss used when a recipe names none
   */
  public LossRecipe loss() {
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
