package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

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

  private static final System.Logger LOG = System.getLogger(ShortRuns.class.getName());

  /** Native code may be longer than it was: some threads are always left to the others. */
  private final Semaphore permits =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

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

  /**
   * Runs on this thread, unless too many do; the request ends at its deadline all the same.
   *
   * @param begins whether the run may begin
   * @param work the run
   * @return whether it ran
   */
  boolean run(Pending pending, BooleanSupplier begins, Runnable work) {
    if (!permits.tryAcquire()) {
      return false;
    }
    try {
      if (!begins.getAsBoolean()) {
        return false;
      }
      running.add(pending);
      work.run();
      return true;
    } finally {
      running.remove(pending);
      permits.release();
    }
  }

  /** Ends what is too late; that one cannot be ended keeps no other from its end. */
  private void sweep() {
    long now = System.nanoTime();
    for (Pending pending : running) {
      try {
        if (pending.isExpired(now)) {
          pending.fail(pending.deadlinePassed());
        }
      } catch (LatheException e) {
        LOG.log(System.Logger.Level.WARNING, "a run could not be stopped", e);
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
