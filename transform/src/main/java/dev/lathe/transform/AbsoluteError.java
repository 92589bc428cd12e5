package dev.lathe.transform;

/**
 * Mean absolute error, L1: {@code lᵢ = mean over features of |yᵢ - tᵢ|}. Prediction and target are
 * FLOAT of one shape [N, …].
 */
public record AbsoluteError() implements Loss {}
