package dev.lathe.registry;

import java.time.Instant;

/**
 * What an environment says now.
 *
 * @param model the model
 * @param environment the environment's name, without {@code env/}
 * @param live the version that is live, {@code v<N>}
 * @param commit the commit on {@code env/<environment>} that says so, 40 hexadecimal digits
 * @param author who deployed it
 * @param time since when, to the second
 */
public record Deployment(
    ModelName model, String environment, String live, String commit, Author author, Instant time) {}
