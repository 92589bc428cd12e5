package dev.lathe.server.batches;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Background;
import dev.lathe.server.batches.Batch.Problem;
import dev.lathe.server.batches.Batch.State;
import dev.lathe.server.jobs.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One batch being worked on: from where the disk says it is to its end, or to the server's. The
 * thread that runs it hands each line to one of its own. What the disk does not take is tried again
 * in another pass, from where the disk then says it is; what cannot go on for another reason ends
 * as failed, with the results that there are.
 */
final class BatchRun {
  private static final System.Logger LOG = System.getLogger(BatchRun.class.getName());
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private static final String LOST = "What this batch asks cannot be read from the disk any more.";

  private final Work work;
  private final BatchFolder folder;
  private final ProcessLock lock;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Batch batch;
  private volatile Halt halt = new Halt();
  private Optional<Results> results = Optional.empty();
  private boolean leaving;

  /** Why the batch will end as failed; of the thread that runs it. */
  private Optional<Problem> failing = Optional.empty();

  /** Whether not even what there is can be published. */
  private boolean bare;

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
    Batch.Counts last = batch.progress().counts();
    return results.map(all -> all.counts(last.total())).orElse(last);
  }

  /** Asks for the end; what is answered stays. False if it has ended already. */
  synchronized boolean cancel() {
    State state = batch.progress().state();
    if (state.ended()) {
      return false;
    }
    if (state != State.CANCELLING && state != State.FINALIZING) {
      save(batch.progress().to(State.CANCELLING, work.clock().instant()));
      halt.call();
    }
    return true;
  }

  /** Stops where it is, to go on when the server is back. */
  synchronized void askToLeave() {
    leaving = true;
    halt.call();
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

  private synchronized boolean leaving() {
    return leaving;
  }

  private boolean ends() {
    return halt.isCalled() || expired();
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
    if (state() != State.CANCELLING) {
      save(progress.to(next, work.clock().instant()));
    }
  }

  /** Works to the end, whatever goes wrong. */
  void run() {
    try (lock) {
      Duration wait = SHORTEST;
      boolean done = false;
      while (!done) {
        Callable<Boolean> all =
            () -> {
              pass();
              return true;
            };
        FutureTask<Boolean> task = new FutureTask<>(all);
        task.run();
        Optional<Throwable> failure =
            task.state() == Future.State.FAILED ? Optional.of(task.exceptionNow()) : halt.cause();
        done = failure.isEmpty() || leaving();
        if (!done) {
          failure.ifPresent(this::failed);
          done = !again(wait);
          Duration twice = wait.multipliedBy(2);
          wait = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
        }
      }
    } finally {
      over.countDown();
    }
  }

  private void failed(Throwable why) {
    boolean disk =
        why instanceof IOException
            || why instanceof UncheckedIOException
            || why instanceof LatheException e && e.code() == ServerError.FILE_STORAGE;
    boolean lost = disk && isWithoutLines(why);
    if (disk && (!lost || failing.isPresent())) {
      LOG.log(Level.WARNING, batch.id() + ": is tried again, as the disk does not take it", why);
    } else if (failing.isEmpty()) {
      String message = lost ? LOST : ErrorMapping.answer(why).message();
      LOG.log(Level.WARNING, batch.id() + ": cannot go on", why);
      failing =
          Optional.of(new Problem("server_error", message, Optional.empty(), Optional.empty()));
    } else {
      LOG.log(Level.ERROR, batch.id() + ": its results cannot be published", why);
      bare = true;
    }
  }

  /** Whether there is no use in another pass, as what is asked cannot be read any more. */
  private boolean isWithoutLines(Throwable why) {
    State now = state();
    boolean asks = now == State.VALIDATING || now == State.IN_PROGRESS;
    return asks && (folder.hasLost(why) || now == State.VALIDATING && expired());
  }

  /** Waits for another pass; false if the server stops. */
  private boolean again(Duration wait) {
    Halt next = new Halt();
    synchronized (this) {
      halt = next;
      if (leaving) {
        return false;
      }
    }
    try {
      next.await(wait);
      return !leaving();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void pass() throws Exception {
    if (state().ended()) {
      folder.clear();
      return;
    }
    BatchInput input = new BatchInput(folder.input(), batch.order().endpoint(), work.answers());
    if (bare) {
      fail(List.of(failing.orElseThrow()));
      return;
    }
    if (failing.isEmpty() && state() == State.VALIDATING && !validated(input)) {
      return;
    }
    Room room = work.room(batch.owner().holder());
    Set<String> published = new Publication(work, batch).there();
    try (Results own = Results.in(folder.path(), room, published)) {
      synchronized (this) {
        results = Optional.of(own);
      }
      if (failing.isEmpty() && state() == State.IN_PROGRESS && !ends()) {
        answerAll(input, own);
      }
      if (leaving()) {
        return;
      }
      if (halt.cause().isEmpty()) {
        finish(input, own);
      }
    }
  }

  private synchronized void fail(List<Problem> problems) {
    save(batch.progress().with(problems).to(State.FAILED, work.clock().instant()));
    folder.clear();
  }

  /** False if there is nothing more to do. */
  private boolean validated(BatchInput input) throws Exception {
    Halt now = halt;
    while (!work.validating().tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      if (now.isCalled()) {
        return !leaving();
      }
    }
    List<BatchInput.Found> found = new ArrayList<>(1);
    try {
      work.now(batch.owner())
          .during(() -> found.add(input.validate(work.limits().maxLines(), now::isCalled)));
    } finally {
      work.validating().release();
    }
    return now.isCalled() ? !leaving() : passed(found.getFirst());
  }

  private synchronized boolean passed(BatchInput.Found found) {
    if (state() == State.CANCELLING) {
      return true;
    }
    if (found.problems().isEmpty()) {
      Batch.Counts counts = new Batch.Counts(found.total(), 0, 0);
      to(State.IN_PROGRESS, batch.progress().with(counts));
      return true;
    }
    fail(found.problems());
    return false;
  }

  private void answerAll(BatchInput input, Results own) throws IOException, InterruptedException {
    Semaphore mine = new Semaphore(work.limits().concurrency());
    try (Lines lines = Lines.of(input.file());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Optional<Lines.Line> line = lines.next();
      while (line.isPresent() && !ends() && !own.isFull()) {
        if (!mine.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
          continue;
        }
        BatchInput.Request request = input.request(line.get());
        if (own.has(request.id())) {
          mine.release();
        } else {
          LineRun run = new LineRun(work, batch.owner(), input, request, own);
          threads.execute(() -> answer(run, mine));
        }
        line = lines.next();
      }
      while (!mine.tryAcquire(
          work.limits().concurrency(), LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (expired()) {
          halt.questions().cancel();
        }
      }
    }
  }

  private void answer(LineRun line, Semaphore mine) {
    Halt now = halt;
    Callable<Boolean> told =
        () -> {
          new Background(now.questions()).during(() -> line.run(time -> pause(now, time)));
          return true;
        };
    FutureTask<Boolean> task = new FutureTask<>(told);
    task.run();
    if (task.state() == Future.State.FAILED) {
      // What a line can do wrong is told in its place; this is the disk, or the owner is gone.
      now.call(task.exceptionNow());
    }
    mine.release();
  }

  /** Waits between two attempts; false if there is no use in another. */
  private boolean pause(Halt now, Duration time) {
    try {
      Duration left = Duration.between(work.clock().instant(), batch.expires());
      return !now.await(time.compareTo(left) < 0 ? time : left) && !expired();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Says how it ends before anything comes of it, tells what was not answered, and publishes. */
  private void finish(BatchInput input, Results own) throws IOException {
    if (failing.isPresent() && batch.progress().end().isEmpty()) {
      aim(batch.progress().with(List.of(failing.get())), State.FAILED);
    }
    if (state() == State.IN_PROGRESS && batch.progress().end().isEmpty()) {
      if (expired() && unanswered(own)) {
        aim(batch.progress(), State.EXPIRED);
      } else if (own.isFull()) {
        untold(input, own, Results.Untold.FULL);
      }
    }
    if (state() == State.IN_PROGRESS && aimsAt(State.EXPIRED)) {
      try {
        untold(input, own, Results.Untold.EXPIRED);
      } catch (IOException e) {
        LOG.log(Level.WARNING, batch.id() + ": does not tell what was not answered", e);
      }
    }
    if (state() != State.FINALIZING) {
      to(State.FINALIZING, batch.progress());
    }
    publish(own);
    synchronized (this) {
      Batch.Progress all = batch.progress().with(counted());
      save(all.to(all.last(), work.clock().instant()));
    }
    folder.clear();
  }

  private boolean aimsAt(State last) {
    return batch.progress().end().equals(Optional.of(last));
  }

  private synchronized void aim(Batch.Progress progress, State last) {
    if (state() != State.CANCELLING) {
      save(progress.aiming(last));
    }
  }

  private synchronized boolean unanswered(Results own) {
    Batch.Counts counts = own.counts(batch.progress().counts().total());
    return counts.completed() + counts.failed() < counts.total();
  }

  private static void untold(BatchInput input, Results own, Results.Untold why) throws IOException {
    own.reread();
    try (Lines lines = Lines.of(input.file())) {
      for (Optional<Lines.Line> line = lines.next(); line.isPresent(); line = lines.next()) {
        String id = input.request(line.get()).id();
        if (!own.has(id)) {
          own.untold(id, why);
        }
      }
    }
  }

  private void publish(Results own) throws IOException {
    Publication files = new Publication(work, batch);
    Batch.Progress before = batch.progress();
    files.publish(
        own,
        new Publication.Part(own.output(), "output", before.output()),
        id -> named(id, batch.progress().errors()));
    files.publish(
        own,
        new Publication.Part(own.errors(), "error", before.errors()),
        id -> named(batch.progress().output(), id));
  }

  private synchronized void named(Optional<String> output, Optional<String> errors) {
    save(batch.progress().withFiles(output, errors));
  }
}
