package dev.lathe.benchmarks;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param pairs pairs that count
 * @param block how long one measurement lasts
 */
public record Effort(int pairs, Duration block) {
  /** For figures. */
  public static final Effort FULL = new Effort(5, Duration.ofSeconds(1));

  /** For a test that the benchmark still runs. */
  public static final Effort SMOKE = new Effort(1, Duration.ofMillis(100));
}
