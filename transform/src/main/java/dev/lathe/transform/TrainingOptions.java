package dev.lathe.transform;

import java.util.List;

/**
 * How gradients change parameters.
 *
 * @param optimizer the rule
 * @param clipping how far gradients may go
 * @param groups parameters that are trained otherwise than the rest; no parameter is in two
 * @param averaging d, with which a moving average of each parameter, {@code a' = a + (1-d)·(p' -
 *     a)}, follows the steps; 0 for none
 * @param batches what a step is made of
 * @param recomputation what is computed twice rather than kept
 */
public record TrainingOptions(
    Optimizer optimizer,
    Clipping clipping,
    List<ParameterGroup> groups,
    double averaging,
    Batches batches,
    Recomputation recomputation) {
  /** What a step is made of. */
  public enum Batches {
    /** One batch. */
    ONE,
    /** Several, whose gradients are summed up first: {@link TrainingGraphs#accumulation}. */
    SEVERAL
  }

  /** Checks the range and copies the groups. */
  public TrainingOptions {
    groups = List.copyOf(groups);
    Settings.requireWithin("averaging", averaging, 0, 1);
  }

  /**
   * The rule alone.
   *
   * @param optimizer the rule
   * @return no clipping, no groups, no averages, one batch a step, nothing computed twice
   */
  public static TrainingOptions of(Optimizer optimizer) {
    return new TrainingOptions(
        optimizer, Clipping.NONE, List.of(), 0, Batches.ONE, Recomputation.NOTHING);
  }

  /**
   * These options with another clipping.
   *
   * @param newClipping how far gradients may go
   * @return new options
   */
  public TrainingOptions withClipping(Clipping newClipping) {
    return new TrainingOptions(optimizer, newClipping, groups, averaging, batches, recomputation);
  }

  /**
   * These options with other groups.
   *
   * @param newGroups parameters that are trained otherwise than the rest
   * @return new options
   */
  public TrainingOptions withGroups(List<ParameterGroup> newGroups) {
    return new TrainingOptions(optimizer, clipping, newGroups, averaging, batches, recomputation);
  }

  /**
   * These options with averages of the parameters.
   *
   * @param newAveraging the part of an average that a step keeps, 0 for no averages
   * @return new options
   */
  public TrainingOptions withAveraging(double newAveraging) {
    return new TrainingOptions(optimizer, clipping, groups, newAveraging, batches, recomputation);
  }

  /**
   * These options with steps of another make.
   *
   * @param newBatches what a step is made of
   * @return new options
   */
  public TrainingOptions withBatches(Batches newBatches) {
    return new TrainingOptions(optimizer, clipping, groups, averaging, newBatches, recomputation);
  }

  /**
   * These options with less memory for more time.
   *
   * @param newRecomputation what is computed twice rather than kept
   * @return new options
   */
  public TrainingOptions withRecomputation(Recomputation newRecomputation) {
    return new TrainingOptions(optimizer, clipping, groups, averaging, batches, newRecomputation);
  }
}
