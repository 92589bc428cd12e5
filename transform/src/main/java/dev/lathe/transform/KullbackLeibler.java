package dev.lathe.transform;

/**
 * Divergence of the softmax of raw scores from target probabilities: {@code lᵢ = Σₖ tᵢₖ·(log tᵢₖ -
 * log softmax(yᵢ)ₖ)}, a mean over what axes there are between the first and the last. Prediction
 * and target are FLOAT of one shape [N, …, K].
 */
public record KullbackLeibler() implements Loss {}
