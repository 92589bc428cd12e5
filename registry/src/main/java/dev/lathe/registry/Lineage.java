package dev.lathe.registry;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a version came to be. It is written into the version itself, in {@code lathe.yaml}.
 *
 * @param operation what made it: {@code train}, {@code import}, {@code quantize}, ...
 * @param parents versions it was made from, each {@code namespace/name@v<N>}
 * @param recipe the path of its recipe inside the version; empty if there is none
 * @param data digests of the data it was made from
 * @param metrics what was measured, by metric name
 * @param seed the seed of all randomness
 * @param tool name and version of the program that made it
 * @param created when it was made
 */
public record Lineage(
    String operation,
    List<String> parents,
    String recipe,
    List<DataDigest> data,
    Map<String, Double> metrics,
    long seed,
    String tool,
    Instant created) {
  /** Copies its collections, keeping their order. */
  public Lineage {
    parents = List.copyOf(parents);
    data = List.copyOf(data);
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }
}
