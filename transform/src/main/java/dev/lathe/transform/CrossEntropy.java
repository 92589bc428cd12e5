package dev.lathe.transform;

/**
 * Cross-entropy of raw scores against class indices: {@code lᵢ = -log softmax(yᵢ)[tᵢ]}. Prediction
 * is FLOAT [N, K] with K known, target is INT64 [N] with values 0 to K - 1.
 */
public record CrossEntropy() implements Loss {}
