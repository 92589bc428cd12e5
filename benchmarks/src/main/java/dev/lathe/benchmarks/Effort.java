package dev.lathe.benchmarks;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param pairs pairs that count
 * @param block how long one measurement lasts
 */
record Effort(int pairs, Duration block) {
  /** For figures. */
  static final Effort FULL = new Effort(5, Duration.ofSeconds(1));

  /** For a test that the benchmark still runs. */
  static final Effort SMOKE = new Effort(1, Duration.ofMillis(100));
}
