package dev.lathe.server;

import java.time.Instant;

/**
 * What is live in an environment.
 *
 * @param model the model's name
 * @param environment the environment's name
 * @param version the live version
 * @param commit the commit on the environment's branch that says so
 * @param since when it went live
 */
public record DeploymentInfo(
    String model, String environment, String version, String commit, Instant since) {}
