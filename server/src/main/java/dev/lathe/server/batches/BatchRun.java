package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.Cancellation;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Background;
import dev.lathe.server.batches.Batch.Problem;
import dev.lathe.server.batches.Batch.State;
import dev.lathe.server.files.FileLabel;
import dev.lathe.server.files.Incoming;
import dev.lathe.server.jobs.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One batch being worked on: from where the disk says it is to its end, or to the server's. The
 * thread that runs it hands each line to one of its own.
 */
final class BatchRun {
  private static final System.Logger LOG = System.getLogger(BatchRun.class.getName());
  private static final Duration LOOK = Duration.ofMillis(200);

  private final Work work;
  private final BatchFolder folder;
  private final ProcessLock lock;
  private final Cancellation ended = new Cancellation();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Batch batch;
  private Optional<Results> results = Optional.empty();
  private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
  private boolean leaving;

  BatchRun(Work work, BatchFolder folder, ProcessLock lock, Batch batch) {
    this.work = work;
    this.folder = folder;
    this.lock = lock;
    this.batch = batch;
  }

  /** The batch as it is now. */
  synchronized Batch batch() {
    boolean counts = results.isPresent() && !batch.progress().state().ended();
    return counts ? batch.with(batch.progress().with(counted())) : batch;
  }

  private Batch.Counts counted() {
    return results.orElseThrow().counts(batch.progress().counts().total());
  }

  /** Asks for the end; what is answered stays. False if it has ended already. */
  synchronized boolean cancel() {
    State state = batch.progress().state();
    if (state.ended()) {
      return false;
    }
    if (state != State.CANCELLING && state != State.FINALIZING) {
      save(batch.progress().to(State.CANCELLING, work.clock().instant()));
      stop();
    }
    return true;
  }

  /** Stops where it is, to go on when the server is back. */
  void askToLeave() {
    synchronized (this) {
      leaving = true;
    }
    stop();
  }

  /** Waits until nothing is done any more. */
  void awaitEnd(Duration patience) {
    try {
      if (!over.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.log(Level.WARNING, batch().id() + ": does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    stopped.countDown();
    ended.cancel();
  }

  private synchronized boolean leaving() {
    return leaving;
  }

  private boolean ends() {
    return stopped.getCount() == 0 || expired();
  }

  private boolean expired() {
    return !work.clock().instant().isBefore(batch.expires());
  }

  private synchronized State state() {
    return batch.progress().state();
  }

  private synchronized void save(Batch.Progress progress) {
    Batch next = batch.with(progress);
    folder.write(next);
    batch = next;
  }

  /** Goes to a state, unless its owner was faster and wants no more. */
  private synchronized void to(State next, Batch.Progress progress) {
    if (state() != State.CANCELLING || next.ended()) {
      save(progress.to(next, work.clock().instant()));
    }
  }

  /** Works to the end, whatever goes wrong. */
  void run() {
    try (lock) {
      Callable<Boolean> all =
          () -> {
            batch.owner().caller().during(this::work);
            return true;
          };
      FutureTask<Boolean> task = new FutureTask<>(all);
      task.run();
      if (task.state() == Future.State.FAILED && !leaving()) {
        fail(task.exceptionNow());
      }
    } finally {
      over.countDown();
    }
  }

  private void fail(Throwable failure) {
    String message = ErrorMapping.answer(failure).message();
    Problem problem = new Problem("server_error", message, Optional.empty(), Optional.empty());
    try {
      to(State.FAILED, batch().progress().with(List.of(problem)));
    } catch (LatheException e) {
      LOG.log(Level.ERROR, batch().id() + ": how it ended cannot be written", e);
    }
  }

  private void work() throws IOException, InterruptedException {
    BatchInput input = new BatchInput(folder.input(), batch.order().endpoint(), work.answers());
    if (state() == State.VALIDATING && !validated(input)) {
      return;
    }
    try (Results own = Results.in(folder.path())) {
      synchronized (this) {
        results = Optional.of(own);
      }
      if (state() == State.IN_PROGRESS && !ends()) {
        answerAll(input, own);
      }
      if (leaving()) {
        return;
      }
      Throwable failure = broken.get();
      if (failure != null) {
        fail(failure);
        return;
      }
      boolean late = state() == State.IN_PROGRESS && expired() && unanswered(own);
      if (late) {
        expireRest(input, own);
      }
      finish(own, late);
    }
  }

  private synchronized boolean unanswered(Results own) {
    Batch.Counts counts = own.counts(batch.progress().counts().total());
    return counts.completed() + counts.failed() < counts.total();
  }

  private boolean validated(BatchInput input) throws IOException, InterruptedException {
    BatchInput.Found found;
    work.validating().acquire();
    try {
      found = input.validate(work.limits().maxLines());
    } finally {
      work.validating().release();
    }
    if (found.problems().isEmpty()) {
      Batch.Counts counts = new Batch.Counts(found.total(), 0, 0);
      synchronized (this) {
        to(State.IN_PROGRESS, batch.progress().with(counts));
      }
      return true;
    }
    synchronized (this) {
      if (state() != State.CANCELLING) {
        save(batch.progress().with(found.problems()).to(State.FAILED, work.clock().instant()));
        Files.deleteIfExists(folder.input());
        return false;
      }
    }
    return true;
  }

  private void answerAll(BatchInput input, Results own) throws IOException, InterruptedException {
    Semaphore mine = new Semaphore(work.limits().concurrency());
    try (Lines lines = Lines.of(input.file());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Optional<Lines.Line> line = lines.next();
      while (line.isPresent() && !ends()) {
        if (!mine.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
          continue;
        }
        BatchInput.Request request = input.request(line.get());
        if (own.has(request.id())) {
          mine.release();
        } else {
          threads.execute(() -> answer(request, own, mine));
        }
        line = lines.next();
      }
      while (!mine.tryAcquire(
          work.limits().concurrency(), LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (expired()) {
          ended.cancel();
        }
      }
    }
  }

  private void answer(BatchInput.Request request, Results own, Semaphore mine) {
    Background background = new Background(ended);
    LineRun line = new LineRun(work, batch, request, own);
    Callable<Boolean> told =
        () -> {
          batch.owner().caller().during(() -> background.during(() -> line.run(this::wait)));
          return true;
        };
    FutureTask<Boolean> task = new FutureTask<>(told);
    task.run();
    if (task.state() == Future.State.FAILED) {
      // What a line can do wrong is told in its place; this is the disk.
      broken.compareAndSet(null, task.exceptionNow());
      stop();
    }
    mine.release();
  }

  /** Waits between two attempts; false if there is no use in another. */
  private boolean wait(Duration time) {
    try {
      Duration left = Duration.between(work.clock().instant(), batch.expires());
      Duration shorter = time.compareTo(left) < 0 ? time : left;
      return !stopped.await(shorter.toNanos(), TimeUnit.NANOSECONDS) && !expired();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void expireRest(BatchInput input, Results own) throws IOException {
    own.reread();
    try (Lines lines = Lines.of(input.file())) {
      for (Optional<Lines.Line> line = lines.next(); line.isPresent(); line = lines.next()) {
        String id = input.request(line.get()).id();
        if (!own.has(id)) {
          own.expired(id);
        }
      }
    }
  }

  /**
   * Makes files of what was answered. Their names are on disk first: nothing is published twice.
   */
  private void finish(Results own, boolean late) throws IOException {
    Batch.Progress before = batch().progress();
    if (before.state() == State.IN_PROGRESS) {
      to(State.FINALIZING, before);
    }
    Optional<String> output = published(own.output(), "output", Optional.empty());
    Optional<String> errors = published(own.errors(), "error", output);
    synchronized (this) {
      State last =
          batch.progress().since().containsKey(State.CANCELLING.word())
              ? State.CANCELLED
              : late ? State.EXPIRED : State.COMPLETED;
      Instant now = work.clock().instant();
      save(batch.progress().with(counted()).withFiles(output, errors).to(last, now));
    }
    folder.clear(own);
  }

  private Optional<String> published(Path lines, String kind, Optional<String> first)
      throws IOException {
    boolean isFirst = kind.equals("output");
    Batch.Progress progress = batch().progress();
    Optional<String> planned = isFirst ? progress.output() : progress.errors();
    if (Files.size(lines) == 0 || planned.filter(this::isThere).isPresent()) {
      return Files.size(lines) == 0 ? Optional.empty() : planned;
    }
    try (Incoming out = work.files().beginResult(batch.owner().account())) {
      Optional<String> id = Optional.of(out.id());
      synchronized (this) {
        save(
            isFirst
                ? batch.progress().withFiles(id, batch.progress().errors())
                : batch.progress().withFiles(first, id));
      }
      Files.copy(lines, out);
      String name = batch.id() + "_" + kind + ".jsonl";
      out.publish(
          new FileLabel(
              name, "batch_output", batch.order().resultSeconds().map(Duration::ofSeconds)));
      return id;
    } catch (UncheckedIOException e) {
      throw folder.failed("results cannot be written", e.getCause());
    }
  }

  private boolean isThere(String file) {
    try {
      work.files().find(batch.owner().caller(), file);
      return true;
    } catch (LatheException e) {
      if (e.code() == ServerError.UNKNOWN_FILE) {
        return false;
      }
      throw e;
    }
  }
}
