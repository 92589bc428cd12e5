package dev.lathe.cli.load;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Callers that ask one target as fast as it answers.
 *
 * @param warmUp time before anything is counted
 * @param measured time that is counted
 */
public record Load(Duration warmUp, Duration measured) {
  private static final int FIRST_SPACE = 1 << 12;

  /** What one caller saw. */
  private static final class Seen {
    private long[] nanos = new long[FIRST_SPACE];
    private int count;
    private long failures;

    void took(long time) {
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * count);
      }
      nanos[count++] = time;
    }
  }

  /** A part of this load, so that several of them take as long as it. */
  Load part(int of) {
    return new Load(warmUp.dividedBy(of), measured.dividedBy(of));
  }

  /**
   * Loads a target.
   *
   * @param target what is asked
   * @param callers how many ask at the same time
   * @return what it gave
   * @throws LatheException what a request failed with, if none was answered
   */
  public Measured run(Target target, int callers) {
    target.ask();
    long start = System.nanoTime() + warmUp.toNanos();
    long end = start + measured.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Seen>> running = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        running.add(threads.submit(() -> caller(target, start, end)));
      }
      List<Seen> all = new ArrayList<>();
      for (Future<Seen> one : running) {
        all.add(one.get());
      }
      return joined(all, callers, target.rows());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static Seen caller(Target target, long start, long end) {
    Seen seen = new Seen();
    for (long now = System.nanoTime(); now - end < 0; now = System.nanoTime()) {
      boolean answered = true;
      try {
        target.ask();
      } catch (LatheException e) {
        answered = false;
      }
      long then = System.nanoTime();
      if (now - start >= 0 && then - end <= 0) {
        if (answered) {
          seen.took(then - now);
        } else {
          seen.failures++;
        }
      }
    }
    return seen;
  }

  private Measured joined(List<Seen> all, int callers, int rows) {
    long[] nanos =
        all.stream().flatMapToLong(seen -> Arrays.stream(seen.nanos, 0, seen.count)).toArray();
    long failures = all.stream().mapToLong(seen -> seen.failures).sum();
    double perNano = (double) nanos.length * rows / measured.toNanos();
    return Measured.of(callers, nanos, failures, perNano);
  }
}
