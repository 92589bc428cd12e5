package dev.lathe.server;

import java.util.Map;
import java.util.Optional;

/**
 * How far a job is.
 *
 * @param epoch the running epoch, from 1
 * @param epochs how many epochs the recipe asks for at most
 * @param step steps done over the whole job
 * @param steps steps of the whole job at most
 * @param loss mean loss since the last report
 * @param metrics the newest metrics by name: {@code train_...}, {@code validation_...} once an
 *     epoch has ended, {@code learning_rate}, and {@code data_wait}, which part of the time, 0 to
 *     1, steps waited for data
 * @param examplesPerSecond training speed
 * @param remainingSeconds estimated time to the job's last step; empty if nobody knows
 */
public record JobProgress(
    int epoch,
    int epochs,
    long step,
    long steps,
    double loss,
    Map<String, Double> metrics,
    double examplesPerSecond,
    Optional<Double> remainingSeconds) {}
