package dev.lathe.benchmarks.generating;

import java.util.Map;

/**
 * Tokens a second, on one core.
 *
 * @param read by length of the prompt
 * @param written by number of streams, all together
 */
record Speeds(Map<Integer, Double> read, Map<Integer, Double> written) {}
