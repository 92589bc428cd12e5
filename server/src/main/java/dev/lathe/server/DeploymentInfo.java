package dev.lathe.server;

import java.time.Instant;
import java.util.Optional;

/**
 * What is live in an environment.
 *
 * @param model the model's name
 * @param environment the environment's name
 * @param version the live version
 * @param commit the commit on the environment's branch that says so
 * @param since when that was said
 * @param canary the version that answers a part of the requests
 * @param shadow the version that answers copies
 */
public record DeploymentInfo(
    String model,
    String environment,
    String version,
    String commit,
    Instant since,
    Optional<String> canary,
    Optional<String> shadow) {}
