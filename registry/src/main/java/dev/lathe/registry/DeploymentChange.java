package dev.lathe.registry;

import java.time.Instant;

/**
 * One entry of an environment's history.
 *
 * @param from the version that was live before; empty at the first deployment
 * @param to the version that became live
 * @param commit the commit that changed it, 40 hexadecimal digits
 * @param author who changed it
 * @param time when, to the second
 * @param message the commit's whole message
 */
public record DeploymentChange(
    String from, String to, String commit, Author author, Instant time, String message) {}
