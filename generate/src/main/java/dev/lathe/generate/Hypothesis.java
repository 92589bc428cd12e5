package dev.lathe.generate;

/**
 * A target that was written for a source.
 *
 * @param tokens its tokens, from the start token on; the end is among them if it was written
 * @param score the sum of its tokens' log probabilities over its length to the power of the length
 *     penalty, as search compares; written greedily, the sum
 */
@SuppressWarnings("ArrayRecordComponent")
public record Hypothesis(int[] tokens, double score) {}
