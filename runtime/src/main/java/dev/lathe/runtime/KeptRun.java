package dev.lathe.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * All that a run needs of the engine, made once for inputs of certain shapes: tensors over memory
 * of its own and the options. A run copies its inputs in and its outputs out. For one run at a
 * time.
 */
final class KeptRun implements AutoCloseable {
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private final Map<String, Lent> lentInputs = new LinkedHashMap<>();
  private final Map<String, Lent> lentOutputs = new LinkedHashMap<>();
  private final OrtSession.RunOptions options;
  private final Map<String, OnnxTensor> shownInputs;
  private final Map<String, OnnxTensor> shownOutputs;

  private KeptRun(OrtSession.RunOptions options, Map<String, Tensor> in, Map<String, Tensor> out)
      throws OrtException {
    this.options = options;
    boolean lent = false;
    try {
      lend(in, inputs, lentInputs);
      lend(out, outputs, lentOutputs);
      lent = true;
    } finally {
      if (!lent) {
        close();
      }
    }
    this.shownInputs = Session.shown(lentInputs);
    this.shownOutputs = Session.shown(lentOutputs);
  }

  /**
   * For runs of inputs with these shapes, that give outputs with these shapes.
   *
   * @param in the inputs of a run
   * @param out what it gave
   * @return what is kept; the caller closes it
   */
  static KeptRun like(Map<String, Tensor> in, Map<String, Tensor> out) throws OrtException {
    return new KeptRun(new OrtSession.RunOptions(), in, out);
  }

  private static void lend(
      Map<String, Tensor> like, Map<String, Tensor> memory, Map<String, Lent> lent)
      throws OrtException {
    for (Map.Entry<String, Tensor> one : like.entrySet()) {
      Tensor own = Tensor.zeros(one.getValue().type(), one.getValue().dims());
      memory.put(one.getKey(), own);
      lent.put(one.getKey(), Lent.of(one.getKey(), own));
    }
  }

  /** Whether it is made for these inputs, of types that were checked, and these outputs. */
  boolean fits(Map<String, Tensor> given, Set<String> wanted) {
    if (wanted.size() != outputs.size() || !outputs.keySet().containsAll(wanted)) {
      return false;
    }
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      if (!Arrays.equals(given.get(input.getKey()).dims(), input.getValue().dims())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Computes.
   *
   * @param given inputs that fit
   * @param engine the model
   * @param stop ends the run early
   * @return the outputs, in memory of their own
   */
  Map<String, Tensor> run(Map<String, Tensor> given, OrtSession engine, StopSignal stop)
      throws OrtException {
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      input.getValue().data().copyFrom(given.get(input.getKey()).data());
      lentInputs.get(input.getKey()).push();
    }
    stop.begin(options);
    try {
      engine.run(shownInputs, Set.of(), shownOutputs, options).close();
    } finally {
      stop.end();
    }
    Map<String, Tensor> copies = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      lentOutputs.get(output.getKey()).pull();
      Tensor copy = Tensor.zeros(output.getValue().type(), output.getValue().dims());
      copy.data().copyFrom(output.getValue().data());
      copies.put(output.getKey(), copy);
    }
    return copies;
  }

  @Override
  public void close() {
    options.close();
    Lent.closeAll(lentInputs.values());
    Lent.closeAll(lentOutputs.values());
  }
}
