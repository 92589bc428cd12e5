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
   * Adagrad (Duchi, Hazan and Singer 2011): every square of a gradient ever seen counts.
   *
   * @param learningRate step size
   * @param rateDecay by which the step size falls with each step
   * @param initialSum sum of squares before the first step
   * @param epsilon added to the denominator
   * @param weightDecay added to the gradient, times the weight
   */
  record Adagrad(
      double learningRate, double rateDecay, double initialSum, double epsilon, double weightDecay)
      implements OptimizerRecipe {}

  /**
   * RMSprop (Hinton 2012), in its centered form (Graves 2013) if asked for.
   *
   * @param learningRate step size
   * @param alpha decay of the mean square
   * @param momentum 0 for none
   * @param centered whether the mean gradient is taken out of the mean square
   * @param epsilon added to the denominator
   * @param weightDecay added to the gradient, times the weight
   */
  record RmsProp(
      double learningRate,
      double alpha,
      double momentum,
      boolean centered,
      double epsilon,
      double weightDecay)
      implements OptimizerRecipe {}

  /**
   * LAMB (You et al. 2020): Adam's direction, a step as long as the weight asks for.
   *
   * @param learningRate step size
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the denominator
   * @param weightDecay added to the direction, times the weight
   */
  record Lamb(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerRecipe {}

  /**
   * Adafactor (Shazeer and Stern 2018): the second moment by rows and columns.
   *
   * @param learningRate largest relative step size
   * @param exponent how fast the memory of the second moment grows
   * @param smallest size that a weight is taken for at least
   * @param clipping largest root mean square of an update
   * @param weightDecay taken from the weight, times the step size
   */
  record Adafactor(
      double learningRate, double exponent, double smallest, double clipping, double weightDecay)
      implements OptimizerRecipe {}

  /**
   * Lion (Chen et al. 2023): a step by the sign alone.
   *
   * @param learningRate step size
   * @param beta1 part of the memory in the direction
   * @param beta2 decay of the memory
   * @param weightDecay taken from the weight, times the step size
   */
  record Lion(double learningRate, double beta1, double beta2, double weightDecay)
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
