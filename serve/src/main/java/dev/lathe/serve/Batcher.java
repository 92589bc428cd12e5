package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Lets many callers share one model. A request waits in a fair line until a thread is free; then
 * all requests that may share a run and wait at that moment are run together. So batches grow with
 * the load, and a lone request is not held back.
 *
 * <p>A waiting request ends at its deadline; one whose run has begun ends then too, and the run's
 * result is dropped. If a shared run fails, its requests are run again one by one, so that only
 * those fail that are themselves to blame.
 */
final class Batcher implements AutoCloseable {
  private final Engine engine;
  private final InputCheck check;
  private final BatchPolicy policy;
  private final ComputePool pool;
  private final BatchObserver observer;
  private final FairQueue queue;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int running;
  private boolean closed;
  private volatile boolean joins;

  /** Hears of runs and of the requests in them. */
  interface BatchObserver {
    void ran(InferResponse.Timing timing);
  }

  Batcher(Engine engine, BatchPolicy policy, ComputePool pool, BatchObserver observer) {
    this.engine = engine;
    this.check = new InputCheck(engine.inputs(), engine.outputs());
    this.policy = policy;
    this.pool = pool;
    this.observer = observer;
    this.queue = new FairQueue(policy.queueCapacity());
    this.joins = check.joinable() && policy.maxRows() > 1;
  }

  /**
   * Waits in line, runs, and returns the answer.
   *
   * @throws LatheException BAD_INPUT, UNKNOWN_OUTPUT, QUEUE_FULL, DEADLINE_PASSED, CLOSED, or what
   *     the model's run threw
   */
  InferResponse infer(InferRequest request) {
    long rows = check.rows(request);
    long now = System.nanoTime();
    Pending pending = new Pending(request, rows, now, now + timeout(request));
    enqueue(pending);
    try {
      return pending.await();
    } catch (LatheException e) {
      leave(pending);
      throw e;
    }
  }

  int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** Fails what waits, and returns when no run is left. */
  @Override
  public void close() {
    failAll(shut());
    lock.lock();
    try {
      while (running > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private List<Pending> shut() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      return queue.drain();
    } finally {
      lock.unlock();
    }
  }

  private static void failAll(List<Pending> left) {
    left.forEach(pending -> pending.fail(closedNow()));
  }

  private long timeout(InferRequest request) {
    long most = policy.timeout().toNanos();
    return request.options().timeout().isPositive()
        ? Math.min(request.options().timeout().toNanos(), most)
        : most;
  }

  private void enqueue(Pending pending) {
    Optional<Pending> out;
    lock.lock();
    try {
      if (closed) {
        throw closedNow();
      }
      out = queue.offer(pending);
      if (running < policy.instances() && queue.size() > 0) {
        running++;
        pool.run(this::work);
      } else if (policy.maxDelay().isPositive()) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    out.ifPresent(loser -> loser.fail(queueFull()));
  }

  private void leave(Pending pending) {
    lock.lock();
    try {
      queue.remove(pending);
    } finally {
      lock.unlock();
    }
  }

  /** One worker's life: batches until the line is empty, or until another model wants a thread. */
  private void work() {
    while (true) {
      List<Pending> batch = next();
      if (batch.isEmpty()) {
        return;
      }
      run(batch);
      if (pool.isWanted()) {
        pool.run(this::work);
        return;
      }
    }
  }

  private List<Pending> next() {
    lock.lock();
    try {
      awaitMore();
      List<Pending> batch = List.of();
      while (batch.isEmpty() && queue.size() > 0) {
        batch = live(queue.take(policy.maxRows(), joins ? check::mayJoin : (a, b) -> false));
      }
      if (batch.isEmpty()) {
        running--;
        changed.signalAll();
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void awaitMore() {
    long delay = policy.maxDelay().toNanos();
    try {
      while (delay > 0 && joins && !closed && queue.size() > 0 && queue.size() < policy.maxRows()) {
        long since = System.nanoTime() - queue.peek().orElseThrow().arrived();
        if (since >= delay) {
          return;
        }
        changed.await(delay - since, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<Pending> live(List<Pending> taken) {
    long now = System.nanoTime();
    taken.stream().filter(p -> p.isExpired(now)).forEach(p -> p.fail(p.deadlinePassed()));
    return taken.stream().filter(p -> !p.isDone()).toList();
  }

  private void run(List<Pending> batch) {
    long start = System.nanoTime();
    try {
      if (batch.size() == 1) {
        runAlone(batch.getFirst(), start);
      } else {
        runTogether(batch, start);
      }
    } catch (Error | RuntimeException e) {
      if (batch.size() == 1) {
        batch.getFirst().fail(reason(e));
      } else {
        batch.forEach(pending -> run(List.of(pending)));
      }
    }
  }

  private void runAlone(Pending only, long start) {
    Map<String, Tensor> outputs = engine.run(only.request().inputs(), only.request().outputs());
    Marks marks = new Marks(start, start, System.nanoTime());
    InferResponse.Timing timing = timing(only, marks, List.of(only));
    only.answer(new InferResponse(outputs, timing));
    observer.ran(timing);
  }

  private void runTogether(List<Pending> batch, long start) {
    long rows = batch.stream().mapToLong(Pending::rows).sum();
    Map<String, Tensor> inputs =
        Rows.join(batch.stream().map(pending -> pending.request().inputs()).toList());
    long joined = System.nanoTime();
    Map<String, Tensor> outputs = engine.run(inputs, wanted(batch));
    Marks marks = new Marks(start, joined, System.nanoTime());
    if (outputs.values().stream().anyMatch(t -> t.rank() == 0 || t.dim(0) != rows)) {
      joins = false;
      batch.forEach(pending -> run(List.of(pending)));
      return;
    }
    long offset = 0;
    for (Pending pending : batch) {
      Map<String, Tensor> own = Rows.slice(outputs, offset, pending.rows());
      own.keySet().removeIf(name -> isUnwanted(name, pending.request().outputs()));
      offset += pending.rows();
      pending.answer(new InferResponse(own, timing(pending, marks, batch)));
    }
    observer.ran(timing(batch.getFirst(), marks, batch));
  }

  private static Set<String> wanted(List<Pending> batch) {
    if (batch.stream().anyMatch(pending -> pending.request().outputs().isEmpty())) {
      return Set.of();
    }
    return batch.stream()
        .flatMap(pending -> pending.request().outputs().stream())
        .collect(Collectors.toSet());
  }

  private static boolean isUnwanted(String output, Set<String> wanted) {
    return !wanted.isEmpty() && !wanted.contains(output);
  }

  /** When a run began, when its inputs were joined, and when the model had run. */
  private record Marks(long start, long joined, long ran) {}

  private static InferResponse.Timing timing(Pending one, Marks marks, List<Pending> batch) {
    long rows = batch.stream().mapToLong(Pending::rows).sum();
    return new InferResponse.Timing(
        marks.start() - one.arrived(),
        marks.joined() - marks.start(),
        marks.ran() - marks.joined(),
        System.nanoTime() - marks.ran(),
        batch.size(),
        rows);
  }

  private static LatheException reason(Throwable failure) {
    return failure instanceof LatheException known
        ? known
        : new LatheException(ServeError.RUN_FAILED, "the model's run failed", failure);
  }

  private LatheException queueFull() {
    return new LatheException(
        ServeError.QUEUE_FULL,
        "queue full: " + policy.queueCapacity() + " requests wait for this model (try again soon)");
  }

  private static LatheException closedNow() {
    return new LatheException(ServeError.CLOSED, "the model is being unloaded");
  }
}
