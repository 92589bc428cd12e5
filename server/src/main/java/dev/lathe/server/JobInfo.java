package dev.lathe.server;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A job: a recipe being run.
 *
 * @param id its name, unique in a data directory
 * @param model the model that its result becomes a version of
 * @param state where it is in its life
 * @param created when it was accepted
 * @param started when work on it began, the last time
 * @param finished when it ended
 * @param progress how far it is
 * @param version the version released, once succeeded
 * @param environment where that version was deployed, if the recipe asked for it
 * @param metrics what the result measured on held-out data, by name; empty until succeeded
 * @param error why it failed
 */
public record JobInfo(
    String id,
    String model,
    JobState state,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> finished,
    Optional<JobProgress> progress,
    Optional<String> version,
    Optional<String> environment,
    Map<String, Double> metrics,
    Optional<String> error) {}
