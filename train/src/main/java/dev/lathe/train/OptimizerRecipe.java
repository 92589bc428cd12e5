package dev.lathe.train;

/** How a gradient becomes a new weight. */
public sealed interface OptimizerRecipe {
  /**
   * The step size.
   *
   * @return above 0
   */
  double learningRate();

  /**
   * Stochastic gradient descent, as PyTorch's {@code SGD} without dampening.
   *
   * @param learningRate step size
   * @param momentum 0 for none
   * @param nesterov whether the momentum looks ahead
   * @param weightDecay added to the gradient, times the weight
   */
  record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay)
      implements OptimizerRecipe {}

  /**
   * Adam (Kingma and Ba 2015), with bias correction.
   *
   * @param learningRate step size
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the denominator
   * @param weightDecay added to the gradient, times the weight
   */
  record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerRecipe {}

  /**
   * AdamW (Loshchilov and Hutter 2019): the decay acts on the weight itself.
   *
   * @param learningRate step size
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the denominator
   * @param weightDecay taken from the weight, times the step size
   */
  record AdamW(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerRecipe {}

  /**
   * Plain stochastic gradient descent.
   *
   * @param learningRate step size
   * @return the optimizer
   */
  static OptimizerRecipe sgd(double learningRate) {
    return new Sgd(learningRate, 0, false, 0);
  }

  /**
   * Adam with the usual constants.
   *
   * @param learningRate step size
   * @return the optimizer
   */
  static OptimizerRecipe adam(double learningRate) {
    return new Adam(learningRate, 0.9, 0.999, 1e-8, 0);
  }
}
