package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.StopSignal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets many callers share one model. A request waits in the {@link WaitingRoom} until a thread is
 * free; then all requests that may share a run and wait at that moment are run together. So batches
 * grow with the load, and a lone request is not held back. Who comes in, what runs together and how
 * long a thread waits for more is for the {@link Line} to say; here are the threads.
 *
 * <p>A waiting request ends at its deadline or when its caller gives it up; one whose run has begun
 * ends then too, and a run that nobody waits for any more is stopped.
 */
final class Batcher implements Responder {
  private final Engine engine;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final InputCheck check;
  private final BatchPolicy policy;
  private final ComputePool pool;
  private final BatchRunner runner;
  private final RunTimes times = new RunTimes();
  private final Line line;
  private final WaitingRoom room;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int running;

  private boolean closed;

  /** Whether the model has run: the first run takes longer than those that follow. */
  private volatile boolean rehearsed;

  /** Rows that end the wait of the thread that waits for more; 0 if none does. */
  private long awaited;

  private RowShape awaitedShape = RowShape.FIXED;

  /** Hears of runs and of the requests in them. */
  interface BatchObserver {
    void ran(InferResponse.Timing timing);
  }

  Batcher(Engine engine, BatchPolicy policy, ComputePool pool, BatchObserver observer) {
    this.engine = engine;
    this.inputs = engine.inputs();
    this.outputs = engine.outputs();
    this.check = new InputCheck(inputs, outputs);
    this.policy = policy;
    this.pool = pool;
    this.runner =
        new BatchRunner(engine, times, observer, check.joinable() && policy.maxRows() > 1);
    this.line = new Line(policy, pool.size(), times, runner::joins);
    this.room = line.room();
  }

  @Override
  public List<ValueInfo> inputs() {
    return inputs;
  }

  @Override
  public List<ValueInfo> outputs() {
    return outputs;
  }

  /**
   * Waits in line, runs, and returns the answer.
   *
   * @throws LatheException BAD_INPUT, UNKNOWN_OUTPUT, QUEUE_FULL, DEADLINE_PASSED, ABANDONED,
   *     CLOSED, or what the model's run threw
   */
  @Override
  public InferResponse infer(InferRequest request) {
    Pending pending = pending(request);
    Cancellation cancellation = request.options().cancellation();
    if (cancellation == Cancellation.NEVER) {
      return await(pending);
    }
    Runnable cancel = pending::cancel;
    cancellation.whenCancelled(cancel);
    try {
      return await(pending);
    } finally {
      cancellation.forget(cancel);
    }
  }

  private Pending pending(InferRequest request) {
    long rows = check.rows(request);
    long now = System.nanoTime();
    Pending.Place place =
        new Pending.Place(
            rows, check.shape(request), policy.priorities().levelOf(request.options().priority()));
    return new Pending(request, place, now, now + policy.timeoutNanos(request.options()));
  }

  @Override
  public BatchPolicy policy() {
    return policy;
  }

  @Override
  public boolean joinable() {
    return check.joinable();
  }

  private InferResponse await(Pending pending) {
    if (!pending.isDone() && (pending.isExpired(System.nanoTime()) || !ranHere(pending))) {
      enqueue(pending);
    }
    try {
      return pending.await(pool.deadlines());
    } catch (LatheException e) {
      lock.lock();
      try {
        room.remove(pending);
        if (e.code() == ServeError.DEADLINE_PASSED) {
          line.late(pending);
        }
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /**
   * Runs the model on the calling thread, outside the line, and keeps how long it took.
   *
   * @throws LatheException BAD_INPUT, or what the run threw
   */
  void rehearse(Map<String, Tensor> inputs) {
    InferRequest request = InferRequest.of(inputs);
    long rows = check.rows(request);
    long start = System.nanoTime();
    engine.run(inputs, Set.of(), new StopSignal());
    if (rehearsed) {
      times.ran(check.shape(request), rows, System.nanoTime() - start);
    }
    rehearsed = true;
  }

  /** Whether some copies of a request may share a run. */
  boolean mayJoin(Map<String, Tensor> inputs, int copies) {
    long rows = check.rows(InferRequest.of(inputs));
    return runner.joins() && rows > 0 && rows * copies <= policy.maxRows();
  }

  @Override
  public int waiting() {
    lock.lock();
    try {
      return room.size();
    } finally {
      lock.unlock();
    }
  }

  /** Fails what waits, and returns when no run is left. */
  @Override
  public void close() {
    shut().forEach(pending -> pending.fail(closedNow()));
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
      return room.drain();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs the model on the caller's thread if that takes less than handing the request over: nobody
   * waits, an instance is free, and runs of this shape are known to be short.
   */
  private boolean ranHere(Pending pending) {
    List<Pending> alone = List.of(pending);
    return check.tellsSize()
        && ShortRuns.isShort(times.measured(pending.shape(), pending.weight()))
        && pool.shortRuns().run(pending, () -> begunHere(alone), () -> runHere(alone));
  }

  private void runHere(List<Pending> alone) {
    try {
      runner.run(alone);
    } finally {
      endHere(alone);
    }
  }

  private boolean begunHere(List<Pending> alone) {
    Pending pending = alone.getFirst();
    lock.lock();
    try {
      if (closed || awaited > 0 || room.size() > 0 || running >= line.instances()) {
        return false;
      }
      long now = System.nanoTime();
      if (runner.joins() && line.patience(pending, pending.weight(), now) > 0) {
        return false;
      }
      line.arrived(pending);
      running++;
      begin(alone, now);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** What came meanwhile is for a thread of the pool. */
  private void endHere(List<Pending> alone) {
    lock.lock();
    try {
      line.end(alone);
      if (room.size() > 0 && !closed) {
        pool.run(this::work);
        return;
      }
      running--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Pending pending) {
    Optional<Pending> out;
    Optional<LatheException> full;
    long wait = 0;
    lock.lock();
    try {
      if (closed) {
        throw closedNow();
      }
      line.arrived(pending);
      if (running >= line.instances()) {
        wait = line.admit(pending);
      }
      out = room.offer(pending);
      Duration again = Duration.ofNanos(wait);
      full = out.map(one -> room.full(one.request().caller(), again));
      callForWork(pending);
    } finally {
      lock.unlock();
    }
    if (out.isPresent()) {
      out.get().fail(full.orElseThrow());
    }
  }

  /** A thread that waits for more rows is enough until it has them. */
  private void callForWork(Pending arrived) {
    if (awaited > 0 && arrived.shape().equals(awaitedShape)) {
      if (room.rows(arrived.shape()) >= awaited) {
        changed.signalAll();
      }
    } else if (running < line.instances() && room.size() > 0) {
      running++;
      pool.run(this::work);
    }
  }

  /** One worker's life: batches until the line is empty, or until another model wants a thread. */
  private void work() {
    while (true) {
      List<Pending> batch = next();
      if (batch.isEmpty()) {
        return;
      }
      runner.run(batch);
      over(batch);
      if (pool.isWanted()) {
        pool.run(this::work);
        return;
      }
    }
  }

  private void over(List<Pending> batch) {
    lock.lock();
    try {
      line.end(batch);
    } finally {
      lock.unlock();
    }
  }

  private List<Pending> next() {
    lock.lock();
    try {
      awaitMore();
      long now = System.nanoTime();
      List<Pending> batch = running <= line.instances() ? line.gather(now) : List.of();
      if (!batch.isEmpty()) {
        begin(batch, now);
        return batch;
      }
      running--;
      changed.signalAll();
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  private void begin(List<Pending> batch, long now) {
    line.begin(batch, now);
    while (running < line.instances() && room.size() > 0 && awaited == 0) {
      running++;
      pool.run(this::work);
    }
  }

  private void awaitMore() {
    try {
      while (runner.joins() && !closed && awaited == 0) {
        long now = System.nanoTime();
        Optional<Pending> first = room.next(now);
        if (first.isEmpty()) {
          return;
        }
        RowShape shape = first.get().shape();
        long wait = line.patience(first.get(), room.rows(shape), now);
        if (wait <= 0) {
          return;
        }
        awaited = line.mostRows(shape);
        awaitedShape = shape;
        try {
          changed.awaitNanos(wait);
        } finally {
          awaited = 0;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static LatheException closedNow() {
    return new LatheException(ServeError.CLOSED, "the model is being unloaded");
  }
}
