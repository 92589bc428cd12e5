package dev.lathe.transform;

/**
 * Binary cross-entropy of raw scores (logits): {@code l = max(x, 0) - x·t + log(1 + exp(-|x|))},
 * which never overflows; {@code lᵢ} is its mean over the features of an example. Prediction and
 * target are FLOAT of one shape [N, …], targets between 0 and 1.
 */
public record BinaryCrossEntropy() implements Loss {}
