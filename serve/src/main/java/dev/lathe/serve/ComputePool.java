package dev.lathe.serve;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The platform threads that run models. A native call holds the thread it runs on, so it must not
 * be one of those that carry the virtual threads of requests.
 */
final class ComputePool implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final ThreadPoolExecutor threads;
  private final Deadlines deadlines = new Deadlines();
  private final ShortRuns shortRuns = new ShortRuns(deadlines);

  ComputePool(int size) {
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            size,
            size,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("lathe-compute-" + number.incrementAndGet())
                    .unstarted(task));
  }

  /** Runs that are too short to be handed to one of the threads. */
  ShortRuns shortRuns() {
    return shortRuns;
  }

  /** Ends what waits for a run or runs, when it is time. */
  Deadlines deadlines() {
    return deadlines;
  }

  /** How many threads there are. */
  int size() {
    return threads.getMaximumPoolSize();
  }

  void run(Runnable work) {
    threads.execute(work);
  }

  /** Whether other work waits for a thread, so that long work should step back in line. */
  boolean isWanted() {
    return !threads.getQueue().isEmpty();
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
    deadlines.close();
  }
}
