package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What all models together may take of the memory. A version is charged before it is loaded, by the
 * size of its files, and again when it is there, by what it took. Where it does not fit, versions
 * that no request holds are let go, the one used least recently first; then the loader waits until
 * their memory is given back.
 */
final class MemoryBudget {
  private static final long LOOK_AGAIN_MILLIS = 50;

  private final long most;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Served, Long> charges = new HashMap<>();
  private final Set<Served> leaving = new HashSet<>();

  /** Lets models go. */
  interface Evictor {
    /**
     * Begins to let go what was used least recently of what nobody holds; false if all is held.
     *
     * @param wanted for which version; what is pinned goes only for its own model
     * @param leaving what goes already
     */
    boolean evict(Served wanted, Set<Served> leaving);
  }

  /**
   * A budget.
   *
   * @param most bytes for all models
   * @param patience how long a load may wait for memory that requests hold
   */
  MemoryBudget(long most, Duration patience) {
    this.most = most;
    this.patience = patience;
  }

  long most() {
    return most;
  }

  /** What is charged now, in bytes. */
  long used() {
    lock.lock();
    try {
      return sum(charges.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** What a version is charged, in bytes; 0 if it is not in memory. */
  long charge(Served version) {
    lock.lock();
    try {
      return charges.getOrDefault(version, 0L);
    } finally {
      lock.unlock();
    }
  }

  /** Whether so many bytes are free. */
  boolean fits(long bytes) {
    return used() + bytes <= most;
  }

  /**
   * Charges a version that is about to be loaded.
   *
   * @throws LatheException OUT_OF_MEMORY if it cannot fit beside what is pinned, or not in time
   */
  void reserve(Served version, long bytes, Evictor evictor) {
    long deadline = System.nanoTime() + patience.toNanos();
    lock.lock();
    try {
      while (sum(charges.keySet()) + bytes > most) {
        requirePossible(version, bytes);
        boolean enough = sum(charges.keySet()) - sum(leaving) + bytes <= most;
        if ((enough || !evict(version, evictor)) && !awaitRelease(deadline)) {
          throw refusal(version, bytes, "requests hold what is loaded");
        }
      }
      charges.put(version, bytes);
    } finally {
      lock.unlock();
    }
  }

  /** The evictor takes locks of its own, so it is asked without this one. */
  private boolean evict(Served wanted, Evictor evictor) {
    Set<Served> known = Set.copyOf(leaving);
    lock.unlock();
    try {
      return evictor.evict(wanted, known);
    } finally {
      lock.lock();
    }
  }

  private boolean awaitRelease(long deadline) {
    long left = deadline - System.nanoTime();
    try {
      changed.await(
          Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_AGAIN_MILLIS)), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return left > 0;
  }

  /** The version was let go: its memory is about to be given back. */
  void leaves(Served version) {
    lock.lock();
    try {
      if (charges.containsKey(version)) {
        leaving.add(version);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Somebody has the version again before it was gone, or it could not be let go after all. */
  void stays(Served version) {
    lock.lock();
    try {
      if (leaving.remove(version)) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The version is there, and took so many bytes. */
  void settle(Served version, long bytes) {
    lock.lock();
    try {
      charges.computeIfPresent(version, (same, before) -> bytes);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The version takes so many bytes more than it is charged, or less. */
  void grow(Served version, long bytes) {
    lock.lock();
    try {
      charges.computeIfPresent(version, (same, before) -> Math.max(0, before + bytes));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets others go that nobody holds, as long as more is charged than there may be; what grew
   * stays.
   */
  void makeRoom(Served grown, Evictor evictor) {
    lock.lock();
    try {
      boolean gone = true;
      while (gone && sum(charges.keySet()) - sum(leaving) > most) {
        Set<Served> known = new HashSet<>(leaving);
        known.add(grown);
        gone = evict(grown, (wanted, ignored) -> evictor.evict(wanted, known));
      }
    } finally {
      lock.unlock();
    }
  }

  /** The version is gone, or could not be loaded. */
  void release(Served version) {
    lock.lock();
    try {
      charges.remove(version);
      leaving.remove(version);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long sum(Set<Served> versions) {
    return versions.stream().mapToLong(version -> charges.getOrDefault(version, 0L)).sum();
  }

  private void requirePossible(Served version, long bytes) {
    long pinned =
        charges.keySet().stream()
            .filter(one -> one.staysFor(version))
            .mapToLong(one -> charges.getOrDefault(one, 0L))
            .sum();
    if (pinned + bytes > most) {
      throw refusal(version, bytes, pinned + " bytes are pinned");
    }
  }

  private LatheException refusal(Served version, long bytes, String why) {
    return new LatheException(
        ServeError.OUT_OF_MEMORY,
        version
            + " needs "
            + bytes
            + " bytes of memory, "
            + sum(charges.keySet())
            + " of "
            + most
            + " are taken: "
            + why
            + " (expected: a larger limits.memory, or fewer or smaller models)");
  }
}
