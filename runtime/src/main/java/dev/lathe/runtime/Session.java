package dev.lathe.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A model loaded into ONNX Runtime, ready to run. Safe for use by many threads at once: runs go
 * side by side, {@link #close} waits for those in flight and refuses later ones.
 *
 * <p>A run computes on the thread that calls it, plus {@link SessionOptions#threads} - 1 others, in
 * native code: a virtual thread holds its carrier for as long.
 */
public final class Session implements AutoCloseable {
  private final OrtSession engine;
  private final Signature signature;
  private final long weightBytes;
  private final ModelBytes source;
  private final SmallRuns small;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private Session(OrtSession engine, Graph graph, ModelBytes source) {
    this.engine = engine;
    this.signature = Signature.of(graph);
    this.weightBytes = graph.initializers().values().stream().mapToLong(Tensor::byteSize).sum();
    this.source = source;
    this.small = new SmallRuns(engine, signature);
  }

  /**
   * Loads a model.
   *
   * @param model the model; its weights are copied
   * @param options how it uses the machine
   * @return the session; the caller closes it
   * @throws LatheException INVALID if the checker or the engine refuses the model, UNSUPPORTED if
   *     it has an operator or an input's type that the engine does not have
   */
  public static Session open(Model model, SessionOptions options) {
    Checker.require(model);
    return open(model, ModelBytes.of(model), options);
  }

  /**
   * Loads a model from a file. The engine opens the file itself, after it passed the reader and the
   * checker, and maps external data rather than reading them.
   *
   * @param onnxFile the file, with its external data beside it; must not change while it is loaded
   * @param options how it uses the machine
   * @return the session; the caller closes it
   * @throws LatheException INVALID if the file is no sound model, UNSUPPORTED as above
   */
  public static Session open(Path onnxFile, SessionOptions options) {
    Model model = OnnxFile.read(onnxFile);
    Checker.require(model);
    return open(model, ModelBytes.of(onnxFile), options);
  }

  private static Session open(Model model, ModelBytes source, SessionOptions options) {
    boolean open = false;
    try {
      model.graph().requiredInputs().forEach(Session::requireSupported);
      Session session = new Session(source.load(options), model.graph(), source);
      open = true;
      return session;
    } catch (OrtException e) {
      throw Failures.opening(e);
    } finally {
      if (!open) {
        source.close();
      }
    }
  }

  private static void requireSupported(ValueInfo input) {
    if (!(input.type() instanceof ValueType.TensorType tensor)) {
      throw new LatheException(
          RuntimeError.UNSUPPORTED,
          "input \"" + input.name() + "\": " + input.type() + " (expected: a tensor)");
    }
    if (!OrtTensors.supports(tensor.element())) {
      throw OrtTensors.unsupported("input \"" + input.name() + "\"", tensor.element());
    }
  }

  /**
   * What a run needs. Constants that the file lists as inputs, too, are not among them.
   *
   * @return the inputs in the model's order
   */
  public List<ValueInfo> inputs() {
    return List.copyOf(signature.inputs().values());
  }

  /**
   * What a run gives.
   *
   * @return the outputs in the model's order
   */
  public List<ValueInfo> outputs() {
    return List.copyOf(signature.outputs().values());
  }

  /**
   * The size of the model's weights.
   *
   * @return bytes of all initializers
   */
  public long weightBytes() {
    return weightBytes;
  }

  /**
   * Computes all outputs.
   *
   * @param inputs a tensor for every input, of its type and a shape that fits; where two inputs
   *     name one symbol, their sizes must agree. Off-heap tensors are not copied and must not
   *     change during the run
   * @return outputs by name in the model's order, in memory of their own that outlives the session
   * @throws LatheException INVALID for inputs that do not fit or values that the model cannot
   *     compute with, EXHAUSTED for lack of memory, UNAVAILABLE after close
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    return run(inputs, signature.outputs().keySet());
  }

  /**
   * Computes some outputs. The engine computes the whole graph all the same; only the copies of the
   * other outputs are saved.
   *
   * @param inputs as for {@link #run(Map)}
   * @param outputs names of outputs
   * @return those outputs by name in the model's order
   * @throws LatheException as for {@link #run(Map)}; INVALID for a name that is no output
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs) {
    return run(inputs, outputs, new StopSignal());
  }

  /**
   * Computes some outputs, unless another thread stops the run before its end.
   *
   * @param inputs as for {@link #run(Map)}
   * @param outputs as for {@link #run(Map, Set)}
   * @param stop ends the run early; a fresh one for each run
   * @return those outputs by name in the model's order
   * @throws LatheException as for {@link #run(Map, Set)}; STOPPED after {@link StopSignal#stop}
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop) {
    signature.requireInputs(inputs);
    signature.requireOutputs(outputs);
    enter();
    try {
      if (outputs.isEmpty()) {
        return Map.of();
      }
      return small.run(inputs, outputs, stop, () -> compute(inputs, outputs, stop));
    } catch (OrtException e) {
      throw stop.isStopped() ? StopSignal.stoppedRun(e) : Failures.running(e);
    } finally {
      exit();
    }
  }

  private Map<String, Tensor> compute(
      Map<String, Tensor> inputs, Set<String> outputs, StopSignal stop) throws OrtException {
    Map<String, Lent> lent = new LinkedHashMap<>();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        lent.put(input.getKey(), Lent.of(input.getKey(), input.getValue()));
      }
      stop.begin(options);
      try (OrtSession.Result result = engine.run(shown(lent), outputs, options)) {
        return copy(result, outputs);
      } finally {
        stop.end();
      }
    } finally {
      Lent.closeAll(lent.values());
    }
  }

  private Map<String, Tensor> copy(OrtSession.Result result, Set<String> outputs)
      throws OrtException {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    for (String name : signature.outputs().keySet()) {
      if (outputs.contains(name)) {
        OnnxValue value = result.get(name).orElseThrow();
        copies.put(name, OrtTensors.copy(name, value));
      }
    }
    return copies;
  }

  static Map<String, OnnxTensor> shown(Map<String, Lent> lent) {
    Map<String, OnnxTensor> shown = new LinkedHashMap<>();
    lent.forEach((name, tensor) -> shown.put(name, tensor.shown()));
    return shown;
  }

  /**
   * Ties buffers to names, for runs that allocate no tensors. A trainer makes two bindings over two
   * sets of buffers, each reading what the other wrote, and runs them in turn.
   *
   * @param inputs a buffer for every input; one buffer may serve several
   * @param outputs a buffer for every output wanted, of the exact shape that the run gives
   * @return the binding; the caller closes it, before or after the session
   * @throws LatheException INVALID for names, types and shapes that do not fit, and for a buffer
   *     that is bound twice and written: the engine may write an output while others still read the
   *     input
   */
  public Binding bind(Map<String, HostBuffer> inputs, Map<String, HostBuffer> outputs) {
    return bind(inputs, outputs, Map.of());
  }

  /**
   * Ties buffers to names, some of them to an output and an input at once: for operators that are
   * made to write a few places of what they read, such as attention over a cache, and leave the
   * rest as it is.
   *
   * @param inputs as for {@link #bind(Map, Map)}
   * @param outputs as for {@link #bind(Map, Map)}
   * @param inPlace outputs that lie in the buffer of an input, with that input's name
   * @return the binding; the caller closes it, before or after the session
   * @throws LatheException as for {@link #bind(Map, Map)}; INVALID if a pair in {@code inPlace} is
   *     not bound to one memory and shape
   */
  public Binding bind(
      Map<String, HostBuffer> inputs,
      Map<String, HostBuffer> outputs,
      Map<String, String> inPlace) {
    Map<String, Tensor> in = tensors(inputs);
    Map<String, Tensor> out = tensors(outputs);
    signature.requireOutputs(out, signature.requireInputs(in));
    Sharing.require(in, out, inPlace);
    enter();
    try {
      return Binding.of(this, in, out);
    } catch (OrtException e) {
      throw Failures.running(e);
    } finally {
      exit();
    }
  }

  private static Map<String, Tensor> tensors(Map<String, HostBuffer> buffers) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    buffers.forEach((name, buffer) -> tensors.put(name, buffer.tensor()));
    return tensors;
  }

  /** Runs over tensors of the engine that are tied already. */
  void run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException {
    engine.run(inputs, Set.of(), outputs).close();
  }

  /** Holds the session open until {@link #exit}. */
  void enter() {
    lock.readLock().lock();
    if (closed) {
      lock.readLock().unlock();
      throw new LatheException(RuntimeError.CLOSED, "session: is closed");
    }
  }

  void exit() {
    lock.readLock().unlock();
  }

  /** Waits for runs in flight, then frees the model. Closing again does nothing. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        small.close();
        engine.close();
        source.close();
      }
    } catch (OrtException e) {
      throw Failures.running(e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
