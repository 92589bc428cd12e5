package dev.lathe.server;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A version in a line.
 *
 * @param model the model's name
 * @param version {@code v<N>}
 * @param commit the Git commit, 40 hexadecimal digits
 * @param created when it was released
 * @param message what the releaser said
 * @param metrics what was measured, by name
 * @param environments where it is live
 */
public record VersionSummary(
    String model,
    String version,
    String commit,
    Instant created,
    String message,
    Map<String, Double> metrics,
    List<String> environments) {}
