package dev.lathe.train;

import java.util.List;

/**
 * What is done with gradients around the optimizer. Parameters are named by patterns: {@code *}
 * stands for any characters, {@code ?} for one.
 *
 * @param clipNorm largest norm of all gradients together; infinite for none
 * @param clipValue largest absolute value of a gradient's element; infinite for none
 * @param decay which parameters the optimizer's weight decay acts on
 * @param groups parameters that are trained otherwise than the rest
 * @param freeze patterns of parameters that stay as they are
 * @param batches batches whose gradients are summed up for one step, from 1
 * @param average the part of a moving average of the weights that a step keeps; with it above 0,
 *     the averages are measured and released
 * @param recompute what a step computes twice rather than keeping it in memory
 */
public record UpdateRecipe(
    double clipNorm,
    double clipValue,
    Decay decay,
    List<Group> groups,
    List<String> freeze,
    int batches,
    double average,
    Recompute recompute) {
  /** Nothing. */
  public static final UpdateRecipe PLAIN =
      new UpdateRecipe(
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Decay.ALL,
          List.of(),
          List.of(),
          1,
          0,
          Recompute.NOTHING);

  /** Copies the lists. */
  public UpdateRecipe {
    groups = List.copyOf(groups);
    freeze = List.copyOf(freeze);
  }

  /** What a step computes twice. */
  public enum Recompute {
    /** Nothing: all that the way back reads is kept. */
    NOTHING,
    /** Segments of the forward run: less memory, more time, the same weights. */
    SEGMENTS
  }

  /** Which parameters decay. */
  public enum Decay {
    /** All. */
    ALL,
    /** Those with two axes and more: neither biases nor the scales of normalizations. */
    MATRICES
  }

  /**
   * Parameters that are trained otherwise than the rest.
   *
   * @param parameters patterns of their names; no parameter is in two groups
   * @param rate what the learning rate is multiplied by, from 0
   * @param decay what the weight decay is multiplied by, from 0
   */
  public record Group(List<String> parameters, double rate, double decay) {
    /** Copies the patterns. */
    public Group {
      parameters = List.copyOf(parameters);
    }
  }
}
