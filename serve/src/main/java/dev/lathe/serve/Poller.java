package dev.lathe.serve;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks at something again and again, on a thread of its own. The same failure is logged once. */
final class Poller implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Poller.class.getName());

  private final Runnable look;
  private final Duration interval;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean looked;

  /**
   * Looks for the first time at once.
   *
   * @param interval between a look and the next
   * @param look what is done
   */
  Poller(Duration interval, Runnable look) {
    this.interval = interval;
    this.look = look;
    this.thread = Thread.ofPlatform().daemon().name("lathe-deployments").start(this::poll);
  }

  /** Whether the first look is over, whatever came of it. */
  boolean hasLooked() {
    return looked;
  }

  private void poll() {
    String problem = "";
    do {
      try {
        look.run();
        problem = "";
      } catch (Error | RuntimeException e) {
        if (!problem.equals(e.toString())) {
          problem = e.toString();
          LOG.log(Level.WARNING, "an environment cannot be looked at", e);
        }
      }
      looked = true;
    } while (!isStopped());
  }

  private boolean isStopped() {
    try {
      return stopped.await(interval.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** Waits until the look that goes on is over; there is none after it. */
  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
