package dev.lathe.transform;

/**
 * What training makes small. Every loss is a weighted mean over the examples of a batch: {@code
 * loss = Σ wᵢ·lᵢ / Σ wᵢ}; with weights of 1 that is PyTorch's {@code reduction="mean"}. Where
 * nothing counts, {@code Σ wᵢ = 0}, the loss and all gradients are 0, and {@link
 * TrainingGraphs#TOTAL_WEIGHT} says so.
 */
public sealed interface Loss
    permits MeanSquaredError,
        AbsoluteError,
        Huber,
        CrossEntropy,
        BinaryCrossEntropy,
        KullbackLeibler,
        Ctc {}
