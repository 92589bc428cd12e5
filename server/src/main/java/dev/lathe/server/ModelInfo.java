package dev.lathe.server;

import java.util.Map;
import java.util.Optional;

/**
 * A model at a glance.
 *
 * @param name {@code namespace/name}
 * @param versions how many versions it has
 * @param latest the newest version
 * @param live which version is live in which environment, by environment
 */
public record ModelInfo(
    String name, int versions, Optional<String> latest, Map<String, String> live) {}
