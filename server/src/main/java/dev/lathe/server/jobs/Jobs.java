package dev.lathe.server.jobs;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobResult;
import dev.lathe.server.JobState;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.ServerError;
import dev.lathe.train.TrainError;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Runs jobs one after the other: training takes all cores, so two at once would only slow each
 * other. Jobs outlive the process on disk; one that died with its process is shown as interrupted
 * and goes on when it is resumed.
 */
public final class Jobs implements AutoCloseable {
  private static final int WAITING = 32;
  private static final int LISTED = 1000;
  private static final String UNKNOWN_MODEL = "unknown";
  private static final long STOP_SECONDS = 60;

  private final JobStore store;
  private final Leftovers leftovers;
  private final JobWork work;
  private final InstantSource clock;
  private final Map<String, Live> live = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor worker;
  private final CountDownLatch closing = new CountDownLatch(1);

  /** A job that waits or runs, and what the worker has for it. */
  private record Live(Job job, Runnable task) {}

  /**
   * Jobs below a directory.
   *
   * @param root the directory; made when the first job comes
   * @param work what a job does
   * @param clock where times come from
   * @param random where ids come from
   */
  public Jobs(Path root, JobWork work, InstantSource clock, RandomGenerator random) {
    this.store = new JobStore(root, random);
    this.leftovers = new Leftovers(store, clock);
    this.work = work;
    this.clock = clock;
    this.worker =
        new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().name("lathe-job-", 0).daemon().factory());
  }

  /**
   * Accepts a job.
   *
   * @param recipe what to do, already found valid
   * @param model the model that its result becomes a version of
   * @return the job, queued
   * @throws LatheException QUEUE_FULL if too many wait, STOPPING after {@link #close}
   */
  public JobInfo submit(RecipeSource recipe, String model) {
    Path base = recipe.baseDirectory().toAbsolutePath();
    RecipeSource placed = new RecipeSource(recipe.yaml(), base, recipe.name(), recipe.isConfined());
    return submit(placed, model, folder -> {});
  }

  /**
   * Accepts a job that has its files with it. Those in {@link Luggage#DATA} go when it has
   * succeeded; of a job that failed or was cancelled they stay for a while, so that it can be
   * resumed.
   *
   * @param recipe what to do, already found valid; a relative base directory starts at the job's
   *     folder
   * @param model the model that its result becomes a version of
   * @param luggage writes the files
   * @return the job, queued
   * @throws LatheException QUEUE_FULL if too many wait, STOPPING after {@link #close}, JOB_STORAGE
   */
  public JobInfo submit(RecipeSource recipe, String model, Luggage luggage) {
    refuseIfFull();
    leftovers.sweep();
    JobFolder folder = store.create(clock.instant());
    boolean accepted = false;
    try {
      JobInfo job = begin(folder, recipe, model, luggage);
      accepted = true;
      return job;
    } finally {
      if (!accepted) {
        folder.discard();
      }
    }
  }

  private JobInfo begin(JobFolder folder, RecipeSource recipe, String model, Luggage luggage) {
    folder.pack(recipe.yaml(), luggage);
    ProcessLock lock = folder.lock().orElseThrow(() -> busy(folder));
    String id = folder.path().getFileName().toString();
    String base = folder.path().toAbsolutePath().resolve(recipe.baseDirectory()).toString();
    JobInfo job = JobInfo.queued(id, model, clock.instant());
    Optional<Boolean> confined = Optional.of(recipe.isConfined()).filter(is -> is);
    return enqueue(folder, lock, new JobFolder.State(job, base, 1, confined), job);
  }

  /**
   * Where a job lives.
   *
   * @param id its name
   * @return its folder, to read from only
   * @throws LatheException UNKNOWN_JOB
   */
  public Path folder(String id) {
    return store.open(id).path();
  }

  /**
   * Goes on with a job that has ended without a result. If that is refused before it makes any
   * progress, the job is again what it was, with the error.
   *
   * @param id the job
   * @return the job, queued
   * @throws LatheException UNKNOWN_JOB, JOB_BUSY if it runs or waits, JOB_DONE if it has succeeded,
   *     JOB_DAMAGED if its state is damaged, QUEUE_FULL if too many wait
   */
  public JobInfo resume(String id) {
    refuseIfFull();
    JobFolder folder = store.open(id);
    ProcessLock lock = folder.lock().orElseThrow(() -> busy(folder));
    JobFolder.State state = resumable(folder, lock);
    JobInfo before = interrupted(state.job());
    return enqueue(folder, lock, state.again(before.queuedAgain()), before);
  }

  /** What cannot be resumed gets its lock back. */
  private static JobFolder.State resumable(JobFolder folder, ProcessLock lock) {
    boolean complete = false;
    try {
      JobFolder.State state = folder.read().orElseThrow(() -> unfinished(folder));
      if (state.job().state() == JobState.SUCCEEDED) {
        throw new LatheException(
            ServerError.JOB_DONE, "job " + state.job().id() + ": has succeeded already");
      }
      complete = true;
      return state;
    } finally {
      if (!complete) {
        lock.close();
      }
    }
  }

  /**
   * Asks a job to stop.
   *
   * @param id the job
   * @return the job as it is now
   * @throws LatheException UNKNOWN_JOB, or JOB_BUSY if another process works on it
   */
  public JobInfo cancel(String id) {
    Live found = live.get(id);
    if (found == null) {
      JobInfo info = get(id);
      if (!info.state().ended()) {
        throw busy(store.open(id));
      }
      return info;
    }
    found.job().cancel().cancel();
    if (worker.remove(found.task())) {
      found.task().run();
    }
    return found.job().info();
  }

  /**
   * A job.
   *
   * @param id its name
   * @return the job as it is now
   * @throws LatheException UNKNOWN_JOB
   */
  public JobInfo get(String id) {
    JobFolder folder = store.open(id);
    return view(folder).orElseThrow(() -> unfinished(folder));
  }

  /**
   * The newest jobs. One whose state cannot be read is shown as failed, with the reason.
   *
   * @return the newest first, at most 1000
   */
  public List<JobInfo> list() {
    return store.newest(LISTED).stream().map(this::view).flatMap(Optional::stream).toList();
  }

  /**
   * What happens to a job.
   *
   * @param id its name
   * @return its events if it waits or runs in this process
   * @throws LatheException UNKNOWN_JOB
   */
  public Optional<JobEvents> events(String id) {
    store.open(id);
    return Optional.ofNullable(live.get(id)).map(found -> found.job().events());
  }

  /**
   * Waits, but no longer than the jobs are open.
   *
   * @param time how long
   * @return true if the jobs are being closed
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public boolean closesWithin(Duration time) throws InterruptedException {
    return closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Stops what runs, with a checkpoint, and shows it and what waits as interrupted. */
  @Override
  public void close() {
    closing.countDown();
    live.values().forEach(found -> found.job().cancel().cancel());
    worker.shutdown();
    try {
      worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private JobInfo enqueue(
      JobFolder folder, ProcessLock lock, JobFolder.State state, JobInfo before) {
    Job job = written(folder, lock, state);
    Runnable task = () -> run(job, before);
    live.put(job.id(), new Live(job, task));
    try {
      worker.execute(task);
      return state.job();
    } catch (RejectedExecutionException e) {
      live.remove(job.id());
      LatheException full = full();
      job.end(info -> info.ended(JobState.CANCELLED, clock.instant(), message(full), full.kind()));
      job.announceEnd();
      throw full;
    }
  }

  /** What cannot be written is not begun, and its lock is given back. */
  private Job written(JobFolder folder, ProcessLock lock, JobFolder.State state) {
    boolean complete = false;
    try {
      Job job = new Job(folder, lock, state, clock);
      folder.write(state);
      complete = true;
      return job;
    } finally {
      if (!complete) {
        lock.close();
      }
    }
  }

  private void run(Job job, JobInfo before) {
    try {
      if (job.cancel().isCancelled()) {
        job.end(info -> info.stopped(stopped(), clock.instant()));
        return;
      }
      job.begin();
      JobResult result = work.run(job);
      job.end(info -> info.succeeded(result, clock.instant()));
    } catch (RuntimeException | Error e) {
      Throwable why = OutOfMemory.of(e).map(Throwable.class::cast).orElse(e);
      boolean refused = before.state().ended() && !job.hasAdvanced() && isRefusal(why);
      job.end(info -> refused ? refused(before, why) : failed(info, why));
    } finally {
      // Whoever hears of the end finds it on disk, and may resume the job at once.
      live.computeIfPresent(job.id(), (id, found) -> found.job() == job ? null : found);
      job.announceEnd();
    }
  }

  private JobInfo failed(JobInfo job, Throwable failure) {
    if (failure instanceof LatheException e && e.kind() == ErrorKind.CANCELLED) {
      return job.stopped(stopped(), clock.instant());
    }
    return job.ended(JobState.FAILED, clock.instant(), message(failure), kind(failure));
  }

  /** Whether a failure before any progress lies in what was asked for, not in the training. */
  private static boolean isRefusal(Throwable failure) {
    return failure instanceof LatheException e
        && e.code() != TrainError.DIVERGED
        && e.kind() != ErrorKind.CANCELLED
        && e.kind() != ErrorKind.INTERNAL;
  }

  private JobInfo refused(JobInfo before, Throwable why) {
    Instant ended = before.finished().orElseGet(clock::instant);
    return before.ended(before.state(), ended, message(why), kind(why));
  }

  private static String message(Throwable failure) {
    return ErrorMapping.answer(failure).message();
  }

  private static ErrorKind kind(Throwable failure) {
    return failure instanceof LatheException e ? e.kind() : ErrorKind.INTERNAL;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private JobState stopped() {
    return isClosing() ? JobState.INTERRUPTED : JobState.CANCELLED;
  }

  private Optional<JobInfo> view(JobFolder folder) {
    Live found = live.get(folder.path().getFileName().toString());
    if (found != null) {
      return Optional.of(found.job().info());
    }
    try {
      return stored(folder);
    } catch (LatheException e) {
      return Optional.of(unreadable(folder, e));
    }
  }

  private static JobInfo unreadable(JobFolder folder, LatheException why) {
    Instant created = JobStore.created(folder);
    return JobInfo.queued(folder.path().getFileName().toString(), UNKNOWN_MODEL, created)
        .ended(JobState.FAILED, created, message(why), why.kind());
  }

  private static Optional<JobInfo> stored(JobFolder folder) {
    Optional<JobInfo> stored = folder.read().map(JobFolder.State::job);
    boolean orphan = stored.isPresent() && !stored.get().state().ended() && !folder.isHeld();
    // The state may have been written between reading it and looking at the lock.
    return orphan ? folder.read().map(JobFolder.State::job).map(Jobs::interrupted) : stored;
  }

  private static JobInfo interrupted(JobInfo job) {
    return job.state().ended()
        ? job
        : job.stopped(JobState.INTERRUPTED, job.started().orElse(job.created()));
  }

  private void refuseIfFull() {
    if (isClosing()) {
      throw new LatheException(ServerError.STOPPING, "jobs: the server is stopping");
    }
    if (worker.getQueue().remainingCapacity() == 0) {
      throw full();
    }
  }

  private static LatheException full() {
    return new LatheException(
        ServerError.QUEUE_FULL, "jobs: " + WAITING + " wait already (expected: fewer)");
  }

  private static LatheException busy(JobFolder folder) {
    return new LatheException(
        ServerError.JOB_BUSY, "job " + folder.path().getFileName() + ": is being worked on");
  }

  private static LatheException unfinished(JobFolder folder) {
    return new LatheException(
        ServerError.UNKNOWN_JOB, "job " + folder.path().getFileName() + ": was never begun");
  }
}
