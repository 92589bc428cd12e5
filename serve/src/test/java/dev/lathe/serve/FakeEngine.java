package dev.lathe.serve;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.RuntimeError;
import dev.lathe.runtime.StopSignal;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Adds a number to every element of "x" [N, D]; may be held at a gate, and refuses a batch that
 * holds a poisonous value.
 */
final class FakeEngine implements Engine {
  static final float POISON = -666;

  final List<Long> batches = Collections.synchronizedList(new ArrayList<>());
  final AtomicBoolean closed = new AtomicBoolean();
  final AtomicInteger stopped = new AtomicInteger();
  final CountDownLatch entered = new CountDownLatch(1);
  volatile Thread ranOn = Thread.currentThread();
  private final float addend;
  private final Shape shape;
  private volatile long pace;
  private volatile boolean broken;
  private volatile boolean unreadable;
  private volatile boolean refusing;
  private volatile Semaphore gate = new Semaphore(Integer.MAX_VALUE);

  FakeEngine(float addend) {
    this(addend, Shape.of(List.of(Dim.of("N"), Dim.of("D"))));
  }

  FakeEngine(float addend, Shape shape) {
    this.addend = addend;
    this.shape = shape;
  }

  /** From now on, no run succeeds. */
  void breakDown() {
    broken = true;
  }

  /** From now on, what all ask is wrong. */
  void refuse() {
    refusing = true;
  }

  /** From now on, what runs give cannot be read. */
  void giveUnreadable() {
    unreadable = true;
  }

  /** From now on, each run takes some time. */
  void pace(Duration time) {
    pace = time.toNanos();
  }

  /** From now on, each run needs a permit. */
  Semaphore hold() {
    gate = new Semaphore(0);
    return gate;
  }

  @Override
  public List<ValueInfo> inputs() {
    return List.of(ValueInfo.tensor("x", ElementType.FLOAT, shape));
  }

  @Override
  public List<ValueInfo> outputs() {
    return List.of(
        ValueInfo.tensor("y", ElementType.FLOAT, shape),
        ValueInfo.tensor("z", ElementType.FLOAT, shape));
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop) {
    ranOn = Thread.currentThread();
    entered.countDown();
    awaitGate(stop);
    if (broken) {
      throw new LatheException(ServeError.RUN_FAILED, "broken");
    }
    long end = System.nanoTime() + pace;
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
    if (closed.get()) {
      throw new IllegalStateException("a run after close");
    }
    Tensor x = inputs.get("x");
    batches.add(x.rank() == 0 ? 0 : x.dim(0));
    float[] values = x.toFloats();
    float[] sums = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      if (refusing || values[i] == POISON) {
        throw new LatheException(ServeError.BAD_INPUT, "poison");
      }
      sums[i] = values[i] + addend;
    }
    Tensor y = unreadable ? closed(x.dims()) : Tensor.ofFloats(sums, x.dims());
    return outputs.isEmpty() || outputs.contains("z") ? Map.of("y", y, "z", x) : Map.of("y", y);
  }

  private static Tensor closed(long[] dims) {
    try (Arena arena = Arena.ofShared()) {
      long bytes = Tensor.sizeOf(dims) * Float.BYTES;
      return Tensor.of(ElementType.FLOAT, dims, arena.allocate(bytes, Float.BYTES));
    }
  }

  private void awaitGate(StopSignal stop) {
    try {
      while (!gate.tryAcquire(1, TimeUnit.MILLISECONDS)) {
        if (stop.isStopped()) {
          stopped.incrementAndGet();
          throw new LatheException(RuntimeError.STOPPED, "stopped");
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long weightBytes() {
    return 4;
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      throw new IllegalStateException("closed twice");
    }
  }
}
