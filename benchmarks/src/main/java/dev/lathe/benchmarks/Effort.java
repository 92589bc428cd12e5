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

  /**
   * For steps of a tenth of a second at most: more pairs, so that the middle one is a quiet one.
   */
  public static final Effort STEPS = new Effort(9, Duration.ofMillis(700));

  /** For a test that the benchmark still runs. */
  public static final Effort SMOKE = new Effort(1, Duration.ofMillis(100));
}
