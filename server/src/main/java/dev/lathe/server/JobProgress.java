package dev.lathe.server;

import java.util.Map;

/**
 * How far a job is.
 *
 * @param epoch the running epoch, from 1
 * @param epochs how many epochs the recipe asks for at most
 * @param step steps done over the whole job
 * @param steps steps of the whole job at most
 * @param loss mean loss since the last report
 * @param metrics the newest metrics on the validation part, by name; empty before the first epoch's
 *     end
 * @param examplesPerSecond training speed
 */
public record JobProgress(
    int epoch,
    int epochs,
    long step,
    long steps,
    double loss,
    Map<String, Double> metrics,
    double examplesPerSecond) {}
