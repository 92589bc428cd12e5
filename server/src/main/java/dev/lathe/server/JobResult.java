package dev.lathe.server;

import java.util.Map;

/**
 * What a job has made.
 *
 * @param version the version that was released
 * @param environment where it was deployed; empty if nowhere
 * @param metrics what was measured on held-out data, by name
 */
public record JobResult(String version, String environment, Map<String, Double> metrics) {}
