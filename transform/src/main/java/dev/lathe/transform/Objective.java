package dev.lathe.transform;

/**
 * What a forward model is trained for.
 *
 * @param loss what is made small
 * @param prediction the output of the forward model that the loss looks at: raw scores
 * @param target name of the input that takes what should be predicted
 * @param weight what the loss is multiplied by where several are added, above 0
 */
public record Objective(Loss loss, String prediction, String target, double weight) {
  /** Checks the weight. */
  public Objective {
    Settings.requireAbove0("weight", weight);
  }

  /**
   * The only objective of a model; its target is {@link TrainingGraphs#TARGET}.
   *
   * @param loss what is made small
   * @param prediction the output of the forward model that the loss looks at: raw scores
   */
  public Objective(Loss loss, String prediction) {
    this(loss, prediction, TrainingGraphs.TARGET, 1);
  }
}
