package dev.lathe.server;

/**
 * The body of an import from a hub.
 *
 * @param source {@code hf://namespace/name} with {@code @revision} or without
 * @param message why the version exists; may be empty
 */
public record ImportWish(String source, String message) {}
