package dev.lathe.transform;

import dev.lathe.ir.Tensor;

/**
 * A value that a step reads and replaces: one input and one output of the step graph, of one type
 * and shape. Never bind one buffer as both; keep two sets and swap them.
 *
 * @param kind what it is
 * @param parameter the parameter (or statistic) it belongs to: a name in the forward model
 * @param input the step graph's input that reads it
 * @param output the step graph's output that replaces it
 * @param initial its value before the first step
 */
public record StateSlot(Kind kind, String parameter, String input, String output, Tensor initial) {
  /** What a slot holds. */
  public enum Kind {
    /** A trained parameter of the forward model. */
    PARAMETER,
    /** What the optimizer remembers about a parameter. */
    OPTIMIZER,
    /** A running statistic of the forward model, such as batch normalization's mean. */
    STATISTIC,
    /** A moving average of a parameter, to be used in its place when training is over. */
    AVERAGE,
    /** A sum over the batches of a step that is under way. */
    ACCUMULATOR
  }
}
