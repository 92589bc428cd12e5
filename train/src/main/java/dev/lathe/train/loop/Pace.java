package dev.lathe.train.loop;

import dev.lathe.train.TrainingProgress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How fast this process goes; says when it is time for news. */
final class Pace {
  private static final long NEWS_NANOS = 100_000_000L;

  /** A shorter run says nothing about its data. */
  private static final long TELLING_NANOS = 10_000_000_000L;

  private static final double STARVED = 0.25;

  private final LongSupplier nanoTime;
  private final long began;
  private long told;
  private long examples;
  private long steps;
  private long waited;

  Pace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
    this.told = began - NEWS_NANOS;
  }

  void add(int count) {
    examples += count;
    steps++;
  }

  /** Takes a batch, and keeps how long that took. */
  Batch waiting(Supplier<Batch> feed) {
    long start = nanoTime.getAsLong();
    Batch batch = feed.get();
    waited += nanoTime.getAsLong() - start;
    return batch;
  }

  /** Begins an epoch, likewise. */
  void waitingFor(Runnable feed) {
    long start = nanoTime.getAsLong();
    feed.run();
    waited += nanoTime.getAsLong() - start;
  }

  /** Which part of the time since the run began its steps waited for data, 0 to 1. */
  double dataWait() {
    return (double) waited / Math.max(1, nanoTime.getAsLong() - began);
  }

  /** What to say of a run whose steps waited long for data; empty for others. */
  Optional<String> starved() {
    double share = dataWait();
    return share < STARVED || nanoTime.getAsLong() - began < TELLING_NANOS
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "steps waited for data for %.0f %% of the time: reading them takes longer than"
                    + " learning from them (a larger data.window, smaller pictures or fewer columns"
                    + " help)",
                100 * share));
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
