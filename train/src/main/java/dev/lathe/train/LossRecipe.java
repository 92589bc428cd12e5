package dev.lathe.train;

import java.util.List;

/** What a training step makes small: a weighted mean over examples. */
public sealed interface LossRecipe {
  /** The mean over examples and outputs of (y - target)². */
  record MeanSquaredError() implements LossRecipe {}

  /** The mean over examples and outputs of |y - target|. */
  record AbsoluteError() implements LossRecipe {}

  /**
   * Square near 0 and straight beyond, as PyTorch's {@code HuberLoss}.
   *
   * @param delta the error where it turns, above 0
   */
  record Huber(double delta) implements LossRecipe {}

  /**
   * Square near 0 and straight with slope 1 beyond, as PyTorch's {@code SmoothL1Loss}.
   *
   * @param beta the error where it turns, above 0
   */
  record SmoothL1(double beta) implements LossRecipe {}

  /** Divergence of softmax(y) from target probabilities, Σ t·(log t - log softmax(y)). */
  record KullbackLeibler() implements LossRecipe {}

  /**
   * Connectionist temporal classification of frames y [N, T, K]: the mean of -log p(labels) over
   * the number of labels. Targets are an example's frames, then its labels, -1 behind the last.
   *
   * @param blank the class of frames without a label
   */
  record Ctc(int blank) implements LossRecipe {}

  /**
   * The mean of -log softmax(y)[target].
   *
   * @param classWeights what an example of each class counts
   * @param smoothing part of the target that is spread over all classes, 0 to below 1
   * @param focus by which power of (1 - p) well known examples count less, 0 or from 1; not
   *     together with smoothing
   * @param ignore label of examples that do not count, or a token's number; empty for none
   */
  record CrossEntropy(ClassWeights classWeights, double smoothing, double focus, String ignore)
      implements LossRecipe {
    /** All examples count alike. */
    public CrossEntropy() {
      this(ClassWeights.EQUAL, 0, 0, "");
    }
  }

  /**
   * The mean of -log sigmoid(±y), from raw scores.
   *
   * @param positiveWeights what a positive example of each label counts against a negative one
   */
  record BinaryCrossEntropy(ClassWeights positiveWeights) implements LossRecipe {
    /** Positives and negatives count alike. */
    public BinaryCrossEntropy() {
      this(ClassWeights.EQUAL);
    }
  }

  /**
   * What classes count against each other.
   *
   * @param kind whether it is given or follows from the training part
   * @param given one for each class in the order of the labels; empty unless the kind is GIVEN
   */
  record ClassWeights(Kind kind, List<Double> given) {
    /** All count alike. */
    public static final ClassWeights EQUAL = new ClassWeights(Kind.EQUAL, List.of());

    /**
     * Rare classes count more, so that each class counts alike as a whole: N / (K·Nₖ) for Nₖ of N
     * examples and K classes; for positives, the negatives divided by the positives.
     */
    public static final ClassWeights BALANCED = new ClassWeights(Kind.BALANCED, List.of());

    /** Copies the weights. */
    public ClassWeights {
      given = List.copyOf(given);
    }

    /**
     * Weights as given.
     *
     * @param weights one for each class
     * @return the weights
     */
    public static ClassWeights of(List<Double> weights) {
      return new ClassWeights(Kind.GIVEN, weights);
    }

    /** Where weights come from. */
    public enum Kind {
      /** All are 1. */
      EQUAL,
      /** From the training part. */
      BALANCED,
      /** From the recipe. */
      GIVEN
    }
  }

  /**
   * The name in recipes.
   *
   * @return the name in lower case
   */
  default String key() {
    return switch (this) {
      case MeanSquaredError _ -> "mean_squared_error";
      case AbsoluteError _ -> "absolute_error";
      case Huber _ -> "huber";
      case SmoothL1 _ -> "smooth_l1";
      case KullbackLeibler _ -> "kullback_leibler";
      case Ctc _ -> "ctc";
      case CrossEntropy _ -> "cross_entropy";
      case BinaryCrossEntropy _ -> "binary_cross_entropy";
    };
  }
}
