package dev.lathe.serve.trial;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What became of one version's requests since it is looked at, and what within a sliding time, to a
 * tenth of that. For many threads at once.
 */
public final class Window {
  private static final int SLICES = 10;

  private final long sliceNanos;
  private final LongSupplier nanoTime;
  private final Counts total = new Counts();
  private final Counts[] slices = new Counts[SLICES];
  private final long[] numbers = new long[SLICES];
  private final long begin;

  /**
   * Begins to look.
   *
   * @param length the sliding time
   * @param nanoTime tells the time, as {@link System#nanoTime}
   */
  public Window(Duration length, LongSupplier nanoTime) {
    this.sliceNanos = Math.max(1, length.toNanos() / SLICES);
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
    for (int i = 0; i < SLICES; i++) {
      slices[i] = new Counts();
    }
  }

  /**
   * Counts a request.
   *
   * @param outcome what became of it
   */
  public synchronized void add(Counts.Outcome outcome) {
    long now = now();
    int place = (int) (now % SLICES);
    if (numbers[place] != now) {
      numbers[place] = now;
      slices[place] = new Counts();
    }
    slices[place].add(outcome);
    total.add(outcome);
  }

  /**
   * What became of requests within the sliding time.
   *
   * @return counts that do not change any more
   */
  public synchronized Counts recent() {
    long now = now();
    Counts sum = new Counts();
    for (int i = 0; i < SLICES; i++) {
      if (now - numbers[i] < SLICES) {
        sum.addAll(slices[i]);
      }
    }
    return sum;
  }

  /**
   * What became of all requests.
   *
   * @return counts that do not change any more
   */
  public synchronized Counts total() {
    Counts sum = new Counts();
    sum.addAll(total);
    return sum;
  }

  private long now() {
    return (nanoTime.getAsLong() - begin) / sliceNanos;
  }
}
