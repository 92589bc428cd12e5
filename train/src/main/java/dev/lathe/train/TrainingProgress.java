package dev.lathe.train;

import java.time.Duration;
import java.util.Map;

/**
 * Where a run stands.
 *
 * @param epoch the epoch, from 1
 * @param epochs all epochs
 * @param step steps made
 * @param steps all steps of the run
 * @param loss mean loss of this epoch's training examples so far
 * @param metrics the newest metrics: of training so far, {@code validation_...} once known, and
 *     {@code learning_rate}, and {@code data_wait}: which part of this process' time, 0 to 1, steps
 *     waited for data
 * @param pace how fast it goes
 */
public record TrainingProgress(
    int epoch,
    int epochs,
    long step,
    long steps,
    double loss,
    Map<String, Double> metrics,
    Pace pace) {
  /**
   * How fast a run goes.
   *
   * @param examplesPerSecond training examples per second of this process
   * @param elapsed time since this process began the run
   * @param remaining estimated time to the last epoch's end
   */
  public record Pace(double examplesPerSecond, Duration elapsed, Duration remaining) {}

  /** Copies the metrics. */
  public TrainingProgress {
    metrics = Map.copyOf(metrics);
  }

  /**
   * How much is done.
   *
   * @return 0 to 1
   */
  public double fraction() {
    return steps == 0 ? 1 : (double) step / steps;
  }
}
