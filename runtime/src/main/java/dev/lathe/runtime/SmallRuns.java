package dev.lathe.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs of few bytes. Making the engine's tensors of a request and taking its results apart costs
 * more than copying some kilobytes, and of a small model a quarter of the run; so they are kept for
 * the shapes that come again and again. Safe for use by many threads.
 *
 * <p>Only for models whose outputs' shapes follow from those of their inputs. Where a declaration
 * is wrong about that, the engine refuses to write into the kept memory, the run is done in the
 * usual way, and nothing is kept for that model any more.
 */
final class SmallRuns implements AutoCloseable {
  /** Bytes of all inputs and outputs of a run. */
  private static final long LARGEST = 1 << 15;

  /** Runs at once, and shapes in turn. */
  private static final int KEPT = 4;

  /** So many runs of other shapes push one out. */
  private static final int STRANGERS = 64;

  private final OrtSession engine;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<KeptRun> idle = new ArrayDeque<>();

  /** Idle or in use. */
  private int kept;

  private int strangers;

  private volatile boolean unfit;

  SmallRuns(OrtSession engine, Signature signature) {
    this.engine = engine;
    this.unfit = !isTold(signature);
  }

  private static boolean isTold(Signature signature) {
    Set<Dim> known = new HashSet<>();
    signature.inputs().values().forEach(input -> dims(input).forEach(known::add));
    return signature.outputs().values().stream()
        .allMatch(
            output ->
                isRanked(output)
                    && dims(output).allMatch(dim -> dim instanceof Dim.Fixed || isIn(known, dim)));
  }

  private static boolean isIn(Set<Dim> known, Dim dim) {
    return dim instanceof Dim.Symbol && known.contains(dim);
  }

  private static boolean isRanked(ValueInfo value) {
    return value.type() instanceof ValueType.TensorType(ElementType _, Shape shape)
        && shape.ranked();
  }

  private static Stream<Dim> dims(ValueInfo value) {
    return isRanked(value) ? value.tensorType().shape().dims().stream() : Stream.empty();
  }

  /** A run that keeps nothing. */
  @FunctionalInterface
  interface Usual {
    Map<String, Tensor> run() throws OrtException;
  }

  /**
   * Runs with what is kept for such a run, or else in the usual way.
   *
   * @param inputs inputs that were checked
   * @param wanted names of outputs
   * @param stop ends the run early
   * @param usual the other way
   * @return the outputs, in memory of their own
   * @throws dev.lathe.ir.LatheException STOPPED
   */
  Map<String, Tensor> run(
      Map<String, Tensor> inputs, Set<String> wanted, StopSignal stop, Usual usual)
      throws OrtException {
    KeptRun run = take(inputs, wanted);
    if (run == null) {
      Map<String, Tensor> outputs = usual.run();
      keep(inputs, outputs);
      return outputs;
    }
    boolean good = false;
    try {
      Map<String, Tensor> outputs = run.run(inputs, engine, stop);
      good = !stop.isStopped();
      return outputs;
    } catch (OrtException e) {
      if (stop.isStopped()) {
        throw e;
      }
    } finally {
      giveBack(run, good);
    }
    Map<String, Tensor> outputs = usual.run();
    unfit = true;
    return outputs;
  }

  private @Nullable KeptRun take(Map<String, Tensor> inputs, Set<String> wanted) {
    lock.lock();
    try {
      for (Iterator<KeptRun> all = idle.iterator(); all.hasNext(); ) {
        KeptRun one = all.next();
        if (one.fits(inputs, wanted)) {
          all.remove();
          return one;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** One that failed or was stopped is not used again. */
  private void giveBack(KeptRun run, boolean good) {
    lock.lock();
    try {
      if (good && !unfit) {
        idle.addFirst(run);
        return;
      }
      kept--;
    } finally {
      lock.unlock();
    }
    run.close();
  }

  /** A run was done in the usual way; perhaps others like it follow. */
  private void keep(Map<String, Tensor> inputs, Map<String, Tensor> outputs) throws OrtException {
    if (unfit || !isSmall(inputs, outputs) || !hasRoom()) {
      return;
    }
    boolean made = false;
    try {
      KeptRun run = KeptRun.like(inputs, outputs);
      made = true;
      giveBack(run, true);
    } finally {
      if (!made) {
        forget();
      }
    }
  }

  /** Whether one more may be kept; the one used longest ago may have to go for it. */
  private boolean hasRoom() {
    KeptRun out = null;
    lock.lock();
    try {
      if (kept < KEPT) {
        kept++;
        return true;
      }
      strangers++;
      if (strangers < STRANGERS || idle.isEmpty()) {
        return false;
      }
      strangers = 0;
      out = idle.removeLast();
    } finally {
      lock.unlock();
    }
    out.close();
    return true;
  }

  private void forget() {
    lock.lock();
    try {
      kept--;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isSmall(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    long bytes = 0;
    for (Map<String, Tensor> tensors : List.of(inputs, outputs)) {
      for (Tensor tensor : tensors.values()) {
        if (tensor.type() == ElementType.STRING || tensor.size() == 0) {
          return false;
        }
        bytes += tensor.byteSize();
      }
    }
    return bytes <= LARGEST;
  }

  /** When no run is in flight. */
  @Override
  public void close() {
    lock.lock();
    try {
      unfit = true;
      idle.forEach(KeptRun::close);
      idle.clear();
    } finally {
      lock.unlock();
    }
  }
}
