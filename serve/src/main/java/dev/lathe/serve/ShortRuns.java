package dev.lathe.serve;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs on the threads of their callers: where a run takes less time than handing a request to
 * another thread and its answer back, that hand-over is the larger part of the request. Such a
 * thread is held by native code as by any other computation, for as long.
 *
 * <p>A run may turn out longer than it was known to be. Nobody waits for it who could end it at the
 * request's deadline, so that is done here, some moments late. Safe for use by many threads.
 */
final class ShortRuns implements AutoCloseable {
  /** About what two changes of threads cost under load. */
  private static final double MOST_NANOS = 200_000;

  private static final long SWEEP_MILLIS = 100;

  private final Set<Pending> running = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("lathe-deadlines").unstarted(task));

  ShortRuns() {
    clock.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Whether a run is worth no other thread.
   *
   * @param nanos how long it takes; 0 if that is not known
   */
  static boolean isShort(double nanos) {
    return nanos > 0 && nanos <= MOST_NANOS;
  }

  /** Runs on this thread; the request ends at its deadline all the same. */
  void run(Pending pending, Runnable work) {
    running.add(pending);
    try {
      work.run();
    } finally {
      running.remove(pending);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    for (Pending pending : running) {
      if (pending.isExpired(now)) {
        pending.fail(pending.deadlinePassed());
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
