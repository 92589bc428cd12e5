package dev.lathe.transform;

/**
 * Mean squared error: {@code lᵢ = mean over features of (yᵢ - tᵢ)²}. Prediction and target are
 * FLOAT of one shape [N, …].
 */
public record MeanSquaredError() implements Loss {}
