package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.JobState;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Takes off the disk what jobs needed for their work, once nobody will go on with them: of those
 * that have succeeded at once, of others a week after their end, and of those that failed or were
 * cancelled when a hundred have done so after them. What such a job was stays known.
 */
final class Leftovers {
  private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());
  private static final int MOST_ENDED = 100;
  private static final Duration OLDEST = Duration.ofDays(7);
  private static final Duration BETWEEN_SWEEPS = Duration.ofHours(1);

  /** Whoever starts a server again has so long to go on with what was lost with the last one. */
  private static final Duration TO_RESUME = Duration.ofDays(1);

  private final JobStore store;
  private final InstantSource clock;
  private final Instant begun;
  private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.EPOCH);

  Leftovers(JobStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
    this.begun = clock.instant();
  }

  /** A job that has something to take away, as it was when it was looked at. */
  private record Seen(JobFolder folder, Optional<JobState> state, Instant last) {
    static Seen of(JobFolder folder) {
      return new Seen(folder, folder.read().map(is -> is.job().state()), folder.last());
    }

    boolean resumable() {
      return state.filter(is -> is == JobState.FAILED || is == JobState.CANCELLED).isPresent();
    }
  }

  /** Looks through all jobs, but not often. */
  void sweep() {
    Instant now = clock.instant();
    Instant before = swept.get();
    if (before.plus(BETWEEN_SWEEPS).isAfter(now) || !swept.compareAndSet(before, now)) {
      return;
    }
    int resumable = 0;
    for (Seen job : newest()) {
      resumable += job.resumable() ? 1 : 0;
      try {
        if (isUnneeded(job, resumable, now)) {
          remove(job);
        }
      } catch (LatheException e) {
        LOG.log(Level.WARNING, "left as it is: " + job.folder().path(), e);
      }
    }
  }

  /** Those that something was done about last come first. */
  private List<Seen> newest() {
    List<Seen> all = new ArrayList<>();
    for (JobFolder folder : store.newest(Integer.MAX_VALUE)) {
      try {
        if (folder.hasLeftovers()) {
          all.add(Seen.of(folder));
        }
      } catch (LatheException e) {
        LOG.log(Level.WARNING, "left as it is: " + folder.path(), e);
      }
    }
    all.sort(Comparator.comparing(Seen::last).reversed());
    return all;
  }

  private boolean isUnneeded(Seen job, int resumable, Instant now) {
    boolean old = job.last().plus(OLDEST).isBefore(now);
    return job.state()
        .map(
            state ->
                switch (state) {
                  case SUCCEEDED -> true;
                  case FAILED, CANCELLED -> old || resumable > MOST_ENDED;
                  case QUEUED, RUNNING, INTERRUPTED -> old && begun.plus(TO_RESUME).isBefore(now);
                })
        .orElse(old);
  }

  /** Who holds the lock works on the job; it may have been resumed since it was looked at. */
  private static void remove(Seen job) {
    Optional<ProcessLock> lock = job.folder().lock();
    if (lock.isEmpty()) {
      return;
    }
    boolean made = job.state().isPresent();
    boolean same;
    try (ProcessLock _ = lock.get()) {
      same = Seen.of(job.folder()).equals(job);
      if (same && made) {
        job.folder().clear();
      }
    }
    if (same && !made) {
      job.folder().discard();
    }
  }
}
