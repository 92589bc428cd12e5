package dev.lathe.transform;

import java.util.Map;

/** How a gradient changes a parameter. The arithmetic is PyTorch's where PyTorch has the rule. */
public sealed interface Optimizer
    permits Sgd, Adam, AdamW, Adagrad, RmsProp, Lamb, Adafactor, Lion {
  /**
   * The scalars that the step graph takes at one step, computed in double precision.
   *
   * @param step the step's number, from 1
   * @param learningRate the learning rate at this step
   * @return FLOAT [] inputs of the step graph by name, the same names at every step
   */
  Map<String, Float> scalars(long step, double learningRate);
}
