package dev.lathe.serve;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * Runs on the threads of their callers: where a run takes less time than handing a request to
 * another thread and its answer back, that hand-over is the larger part of the request. Such a
 * thread is held by native code as by any other computation, for as long.
 *
 * <p>A run may turn out longer than it was known to be; the request ends at its deadline all the
 * same. Safe for use by many threads.
 */
final class ShortRuns {
  /** About what two changes of threads cost under load. */
  private static final double MOST_NANOS = 200_000;

  /** Native code may be longer than it was: some threads are always left to the others. */
  private final Semaphore permits =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

  private final Deadlines deadlines;

  ShortRuns(Deadlines deadlines) {
    this.deadlines = deadlines;
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
      deadlines.add(pending);
      work.run();
      return true;
    } finally {
      deadlines.forget(pending);
      permits.release();
    }
  }
}
