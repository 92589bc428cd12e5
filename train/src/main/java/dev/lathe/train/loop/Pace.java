package dev.lathe.train.loop;

import dev.lathe.train.TrainingProgress;
import java.time.Duration;
import java.util.function.LongSupplier;

/** How fast this process goes; says when it is time for news. */
final class Pace {
  private static final long NEWS_NANOS = 100_000_000L;

  private final LongSupplier nanoTime;
  private final long began;
  private long told;
  private long examples;
  private long steps;

  Pace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
    this.told = began - NEWS_NANOS;
  }

  void add(int count) {
    examples += count;
    steps++;
  }

  boolean isNewsDue() {
    return nanoTime.getAsLong() - told >= NEWS_NANOS;
  }

  TrainingProgress.Pace told(long stepsLeft) {
    told = nanoTime.getAsLong();
    long elapsed = Math.max(1, told - began);
    long left = steps == 0 ? 0 : (long) ((double) elapsed / steps * stepsLeft);
    return new TrainingProgress.Pace(
        examples * 1e9 / elapsed, Duration.ofNanos(elapsed), Duration.ofNanos(left));
  }
}
