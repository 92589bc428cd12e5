package dev.lathe.transform;

import dev.lathe.ir.LatheException;
import java.util.List;

/**
 * Cross-entropy of raw scores against class indices: {@code lᵢ = -log softmax(yᵢ)[tᵢ]}. Prediction
 * is FLOAT [N, K] with K known, target is INT64 [N] with values 0 to K - 1; or prediction is FLOAT
 * [N, ..., K] and target INT64 [N, ...], one class at each place. There a negative class takes its
 * place out of the mean, and without smoothing K may be open.
 *
 * <p>With smoothing ε the target is {@code 1 - ε} at its class plus {@code ε/K} at all. With class
 * weights c, a place weighs {@code c[t]} in sum and mean, as PyTorch has it. With focus γ the loss
 * is {@code -(1-p)^γ·log p} of the target's probability p, so that what is known well counts less.
 *
 * @param smoothing ε, 0 to below 1
 * @param focus γ, 0 or from 1; not together with smoothing
 * @param classWeights one for each class, from 0; empty for 1 everywhere
 * @param ignored a class that takes its place out of the mean, or {@link #NEGATIVE}
 * @see <a href="https://arxiv.org/abs/1512.00567">label smoothing: Szegedy et al. 2016</a>
 * @see <a href="https://arxiv.org/abs/1708.02002">focal loss: Lin et al. 2017</a>
 */
public record CrossEntropy(double smoothing, double focus, List<Double> classWeights, long ignored)
    implements Loss {
  /** Of classes, only negative ones are ignored, and these only at several places. */
  public static final long NEGATIVE = -1;

  /** Checks the ranges and copies the weights. */
  public CrossEntropy {
    Settings.requireWithin("smoothing", smoothing, 0, 1);
    Settings.requireNotNegative("focus", focus);
    classWeights = List.copyOf(classWeights);
    classWeights.forEach(weight -> Settings.requireNotNegative("class_weights", weight));
    if (focus > 0 && (focus < 1 || smoothing > 0)) {
      throw new LatheException(
          TransformError.BAD_SETTING,
          "focus "
              + focus
              + ", smoothing "
              + smoothing
              + " (expected: focus from 1, without smoothing)");
    }
  }

  /** Plain cross-entropy. */
  public CrossEntropy() {
    this(0, 0, List.of(), NEGATIVE);
  }
}
