package dev.lathe.serve;

import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.StopSignal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An engine that its first run opens: a version that mostly works in another form has no second
 * copy of its weights in memory until somebody asks for it. For many threads at once.
 */
final class LateEngine implements Engine {
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final Supplier<Engine> opening;
  private volatile @Nullable Engine open;
  private volatile LongConsumer onGrown = _ -> {};
  private boolean closed;

  /**
   * An engine that is not open yet.
   *
   * @param graph says what it takes and gives
   * @param opening opens it
   */
  LateEngine(Graph graph, Supplier<Engine> opening) {
    this.inputs = graph.requiredInputs();
    this.outputs = graph.outputs();
    this.opening = opening;
  }

  @Override
  public List<ValueInfo> inputs() {
    return inputs;
  }

  @Override
  public List<ValueInfo> outputs() {
    return outputs;
  }

  @Override
  public boolean isOpen() {
    return open != null;
  }

  @Override
  public void onGrown(LongConsumer listener) {
    onGrown = listener;
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> given, Set<String> wanted, StopSignal stop) {
    Engine engine = open;
    return (engine == null ? opened() : engine).run(given, wanted, stop);
  }

  private synchronized Engine opened() {
    if (closed) {
      throw new LatheException(ServeError.CLOSED, "the version is being closed");
    }
    Engine engine = open;
    if (engine == null) {
      engine = opening.get();
      open = engine;
      onGrown.accept(engine.weightBytes());
    }
    return engine;
  }

  @Override
  public long weightBytes() {
    Engine engine = open;
    return engine == null ? 0 : engine.weightBytes();
  }

  @Override
  public synchronized void close() {
    closed = true;
    Engine engine = open;
    open = null;
    if (engine != null) {
      engine.close();
    }
  }
}
