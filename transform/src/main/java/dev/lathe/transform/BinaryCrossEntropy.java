package dev.lathe.transform;

import java.util.List;

/**
 * Binary cross-entropy of raw scores (logits), one or many for an example: {@code l = (1-t)·x + (1
 * - t + π·t)·log(1 + exp(-x))}, written so that it never overflows; {@code lᵢ} is its mean over the
 * features of an example. Prediction and target are FLOAT of one shape [N, …], targets between 0
 * and 1.
 *
 * @param positiveWeights π for each of the last axis's scores, above 0: what a positive counts
 *     against a negative; empty for 1 everywhere
 */
public record BinaryCrossEntropy(List<Double> positiveWeights) implements Loss {
  /** Checks and copies the weights. */
  public BinaryCrossEntropy {
    positiveWeights = List.copyOf(positiveWeights);
    positiveWeights.forEach(weight -> Settings.requireAbove0("positive_weights", weight));
  }

  /** Positives and negatives count alike. */
  public BinaryCrossEntropy() {
    this(List.of());
  }
}
