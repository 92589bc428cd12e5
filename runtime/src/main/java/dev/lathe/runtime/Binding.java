package dev.lathe.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Buffers tied to the inputs and outputs of a session: a run reads the ones and writes the others,
 * and allocates no tensor. Safe for use by several threads, one run at a time.
 */
public final class Binding implements AutoCloseable {
  private final Session session;
  private final Map<String, Lent> inputs;
  private final Map<String, Lent> outputs;
  private final Map<String, OnnxTensor> shownInputs;
  private final Map<String, OnnxTensor> shownOutputs;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  private Binding(Session session, Map<String, Lent> inputs, Map<String, Lent> outputs) {
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.shownInputs = Session.shown(inputs);
    this.shownOutputs = Session.shown(outputs);
  }

  static Binding of(Session session, Map<String, Tensor> inputs, Map<String, Tensor> outputs)
      throws OrtException {
    Map<String, Lent> in = new LinkedHashMap<>();
    Map<String, Lent> out = new LinkedHashMap<>();
    boolean bound = false;
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        in.put(input.getKey(), Lent.of(input.getKey(), input.getValue()));
      }
      for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
        out.put(output.getKey(), Lent.of(output.getKey(), output.getValue()));
      }
      bound = true;
      return new Binding(session, in, out);
    } finally {
      if (!bound) {
        Lent.closeAll(in.values());
        Lent.closeAll(out.values());
      }
    }
  }

  /**
   * Runs the session once: reads the input buffers as they are now and fills the output buffers.
   *
   * @throws LatheException INVALID for values or sizes that the model cannot compute with,
   *     EXHAUSTED for lack of memory, UNAVAILABLE after this or the session was closed
   */
  public void run() {
    lock.lock();
    try {
      if (closed) {
        throw new LatheException(RuntimeError.CLOSED, "binding: is closed");
      }
      session.enter();
      try {
        compute();
      } finally {
        session.exit();
      }
    } catch (OrtException e) {
      throw Failures.running(e);
    } finally {
      lock.unlock();
    }
  }

  private void compute() throws OrtException {
    for (Lent input : inputs.values()) {
      input.push();
    }
    session.run(shownInputs, shownOutputs);
    for (Lent output : outputs.values()) {
      output.pull();
    }
  }

  /** Unties the buffers, which stay their owner's. Closing again does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        Lent.closeAll(inputs.values());
        Lent.closeAll(outputs.values());
      }
    } finally {
      lock.unlock();
    }
  }
}
