package dev.lathe.server;

import java.time.Instant;

/**
 * One change of what an environment says.
 *
 * @param from the version that was live before; empty at the first
 * @param to the version that was live afterwards
 * @param time when
 * @param author who made it
 * @param message why
 * @param commit the commit on the environment's branch
 */
public record DeploymentEvent(
    String from, String to, Instant time, String author, String message, String commit) {}
