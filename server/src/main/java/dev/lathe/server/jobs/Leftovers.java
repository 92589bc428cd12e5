package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobState;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

  private final JobStore store;
  private final InstantSource clock;
  private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.EPOCH);

  Leftovers(JobStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Looks through all jobs, but not often. */
  void sweep() {
    Instant now = clock.instant();
    Instant last = swept.get();
    if (last.plus(BETWEEN_SWEEPS).isAfter(now) || !swept.compareAndSet(last, now)) {
      return;
    }
    int resumable = 0;
    for (JobFolder folder : store.newest(Integer.MAX_VALUE)) {
      try {
        boolean looked = folder.hasLeftovers();
        resumable += looked && isResumable(folder) ? 1 : 0;
        if (looked && isUnneeded(folder, resumable, now)) {
          remove(folder, resumable, now);
        }
      } catch (LatheException e) {
        LOG.log(Level.WARNING, "left as it is: " + folder.path(), e);
      }
    }
  }

  private static boolean isResumable(JobFolder folder) {
    return folder
        .read()
        .map(state -> state.job().state())
        .filter(state -> state == JobState.FAILED || state == JobState.CANCELLED)
        .isPresent();
  }

  private static boolean isUnneeded(JobFolder folder, int resumable, Instant now) {
    Optional<JobInfo> job = folder.read().map(JobFolder.State::job);
    Instant ended = job.flatMap(JobInfo::finished).orElse(JobStore.created(folder));
    boolean old = ended.plus(OLDEST).isBefore(now);
    return job.map(
            is ->
                switch (is.state()) {
                  case SUCCEEDED -> true;
                  case FAILED, CANCELLED -> old || resumable > MOST_ENDED;
                  case QUEUED, RUNNING, INTERRUPTED -> old;
                })
        .orElse(old);
  }

  /** Who holds the lock works on the job; it may have been resumed since it was looked at. */
  private static void remove(JobFolder folder, int resumable, Instant now) {
    Optional<ProcessLock> lock = folder.lock();
    if (lock.isEmpty()) {
      return;
    }
    boolean begun;
    try (ProcessLock _ = lock.get()) {
      begun = folder.read().isPresent();
      if (begun && isUnneeded(folder, resumable, now)) {
        folder.clear();
      }
    }
    if (!begun) {
      folder.discard();
    }
  }
}
