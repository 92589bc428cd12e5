package dev.lathe.transform;

/**
 * Cross-entropy of raw scores against class indices: {@code lᵢ = -log softmax(yᵢ)[tᵢ]}. Prediction
 * is FLOAT [N, K] with K known, target is INT64 [N] with values 0 to K - 1; or prediction is FLOAT
 * [N, ..., K] and target INT64 [N, ...], one class at each place. There a negative class takes its
 * place out of the mean; a batch must keep one place at least.
 */
public record CrossEntropy() implements Loss {}
