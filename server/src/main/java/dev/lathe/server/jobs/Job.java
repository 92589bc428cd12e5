package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobProgress;
import dev.lathe.server.JobState;
import dev.lathe.server.RecipeSource;
import dev.lathe.train.CancelToken;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.UnaryOperator;

/** One attempt at a job in this process, from its acceptance to its end. */
final class Job implements JobContext {
  private static final System.Logger LOG = System.getLogger(Job.class.getName());

  /** How often progress is written to disk; every event is told to listeners all the same. */
  private static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

  private final JobFolder folder;
  private final ProcessLock lock;
  private final RecipeSource recipe;
  private final InstantSource clock;
  private final JobEvents events;
  private final JobLog log;
  private final CancelToken cancel = new CancelToken();
  private JobFolder.State state;
  private Instant written = Instant.MIN;
  private boolean advanced;

  /** Takes over a folder whose lock is held. */
  Job(JobFolder folder, ProcessLock lock, JobFolder.State state, InstantSource clock) {
    this.folder = folder;
    this.lock = lock;
    this.state = state;
    this.clock = clock;
    this.recipe = folder.recipe(state);
    this.events = new JobEvents(state.attempt());
    this.log = new JobLog(folder.path());
    log.state(clock.instant(), state.job().state().name(), "");
    events.add(new JobEvent.State(state.job()));
  }

  synchronized JobInfo info() {
    return state.job();
  }

  /** Whether this attempt has made progress. */
  synchronized boolean hasAdvanced() {
    return advanced;
  }

  JobEvents events() {
    return events;
  }

  @Override
  public String id() {
    return info().id();
  }

  @Override
  public RecipeSource recipe() {
    return recipe;
  }

  @Override
  public Path runDirectory() {
    return folder.runDirectory();
  }

  @Override
  public CancelToken cancel() {
    return cancel;
  }

  @Override
  public void progress(JobProgress progress) {
    Instant now = clock.instant();
    synchronized (this) {
      advanced = true;
      state = state.with(state.job().at(progress));
      if (now.isAfter(written.plus(BETWEEN_WRITES))) {
        save(now);
      }
    }
    log.progress(now, progress);
    events.add(new JobEvent.Progress(progress));
  }

  @Override
  public void log(String line) {
    log.said(clock.instant(), line);
    events.add(new JobEvent.Log(line));
  }

  void begin() {
    change(job -> job.running(clock.instant()));
    log.state(clock.instant(), info().state().name(), "");
    events.add(new JobEvent.State(info()));
  }

  /** Writes the end, removes what only the work needed, and gives the folder free. */
  void end(UnaryOperator<JobInfo> how) {
    change(how);
    log.state(clock.instant(), info().state().name(), info().error().orElse(""));
    try {
      if (info().state() == JobState.SUCCEEDED) {
        folder.clear();
      }
    } catch (LatheException e) {
      LOG.log(Level.WARNING, "left for later: " + e.getMessage());
    } finally {
      lock.close();
    }
  }

  /** Tells everyone who listens that the end is written. */
  void announceEnd() {
    events.add(new JobEvent.Done(info()));
  }

  private synchronized void change(UnaryOperator<JobInfo> how) {
    state = state.with(how.apply(state.job()));
    save(clock.instant());
  }

  /** A full disk must not end the work: what is not written now is written at the next change. */
  private void save(Instant now) {
    try {
      folder.write(state);
      written = now;
    } catch (LatheException e) {
      LOG.log(Level.WARNING, "job state not saved: " + e.getMessage());
    }
  }
}
