package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends requests at their deadlines. One thread sleeps until the earliest of them; waits with a
 * limit of their own would set and clear a timer for each request, and wake the timers' thread by
 * it. Safe for use by many threads.
 */
final class Deadlines implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;

  private static final System.Logger LOG = System.getLogger(Deadlines.class.getName());

  private final long origin = System.nanoTime();
  private final Set<Pending> watched = ConcurrentHashMap.newKeySet();

  /** No deadline of those watched is earlier, in nanoseconds from the origin. */
  private final AtomicLong earliest = new AtomicLong(NEVER);

  private final Thread thread =
      Thread.ofPlatform().daemon().name("lathe-deadlines").unstarted(this::watch);
  private volatile boolean closed;

  Deadlines() {
    thread.start();
  }

  /** Ends this request at its deadline, if that is before {@link #forget}. */
  void add(Pending pending) {
    watched.add(pending);
    long deadline = pending.deadline() - origin;
    if (earliest.getAndAccumulate(deadline, Math::min) > deadline) {
      LockSupport.unpark(thread);
    }
  }

  void forget(Pending pending) {
    watched.remove(pending);
  }

  private void watch() {
    while (!closed) {
      long next = earliest.get();
      long wait = next - (System.nanoTime() - origin);
      if (next == NEVER) {
        LockSupport.park(this);
      } else if (wait > 0) {
        LockSupport.parkNanos(this, wait);
      } else {
        sweep();
      }
    }
  }

  /** One that comes meanwhile sees no deadline, so its own counts. */
  private void sweep() {
    earliest.set(NEVER);
    long now = System.nanoTime();
    long next = NEVER;
    for (Pending pending : watched) {
      if (pending.isExpired(now)) {
        end(pending);
      } else {
        next = Math.min(next, pending.deadline() - origin);
      }
    }
    earliest.accumulateAndGet(next, Math::min);
  }

  /** That one run cannot be stopped keeps no other from its end. */
  private static void end(Pending pending) {
    try {
      pending.fail(pending.deadlinePassed());
    } catch (LatheException e) {
      LOG.log(System.Logger.Level.WARNING, "a run could not be stopped", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
