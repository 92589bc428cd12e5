package dev.lathe.transform;

/**
 * What training makes small. Every loss is a weighted mean over the examples of a batch: {@code
 * loss = Σ wᵢ·lᵢ / Σ wᵢ}; with weights of 1 that is PyTorch's {@code reduction="mean"}.
 */
public sealed interface Loss permits MeanSquaredError, CrossEntropy, BinaryCrossEntropy {}
