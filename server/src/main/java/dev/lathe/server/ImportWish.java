package dev.lathe.server;

import java.util.Optional;

/**
 * The body of an import from a hub.
 *
 * @param source {@code hf://namespace/name} with {@code @revision} or without
 * @param message why the version exists; may be empty
 * @param base the model that an adapter was made for; absent for a model, or if the adapter says
 */
public record ImportWish(String source, String message, Optional<String> base) {}
