package dev.lathe.runtime.interpreter;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.runtime.RuntimeError;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All operators of {@code ai.onnx} that the interpreter knows. */
public final class Kernels {
  private static final Map<String, Kernel> TABLE =
      merge(
          List.of(
              Elementwise.TABLE,
              Activating.TABLE,
              Converting.TABLE,
              Movement.TABLE,
              Cutting.TABLE,
              Making.TABLE,
              Reducing.TABLE,
              Matrix.TABLE,
              Convolution.TABLE,
              Pooling.TABLE,
              Normalizing.TABLE,
              Indexing.TABLE,
              Attending.TABLE,
              Summing.TABLE,
              Resizing.TABLE,
              Scoring.TABLE,
              Recurrent.TABLE,
              Scanning.TABLE,
              Sampling.TABLE,
              Transforming.TABLE,
              Folding.TABLE,
              Running.TABLE,
              Regions.TABLE));

  private Kernels() {}

  private static Map<String, Kernel> merge(List<Map<String, Kernel>> families) {
    Map<String, Kernel> all = new TreeMap<>();
    for (Map<String, Kernel> family : families) {
      family.forEach(
          (op, kernel) -> {
            if (all.put(op, kernel) != null) {
              throw new IllegalStateException(op + " is in two tables");
            }
          });
    }
    return Collections.unmodifiableMap(all);
  }

  /**
   * The operators.
   *
   * @return ONNX names with what they compute, in alphabetical order
   */
  public static Map<String, Kernel> table() {
    return TABLE;
  }

  /**
   * Computes a node.
   *
   * @param call the node with its inputs
   * @return at least as many outputs as the node names
   * @throws LatheException UNSUPPORTED for an unknown operator, INVALID for inputs that do not fit
   *     it, EXHAUSTED for a value beyond the limit
   */
  public static List<Array> evaluate(Call call) {
    Node node = call.node();
    Kernel kernel = node.domain().isEmpty() ? TABLE.get(node.op()) : null;
    if (kernel == null) {
      throw new LatheException(
          RuntimeError.UNSUPPORTED, node.describe() + ": the interpreter has no such operator");
    }
    List<Array> outputs = apply(kernel, call);
    if (outputs.size() < node.outputs().size()) {
      throw new LatheException(
          RuntimeError.UNSUPPORTED,
          node.describe()
              + ": "
              + node.outputs().size()
              + " outputs (expected: "
              + outputs.size()
              + ")");
    }
    return outputs;
  }

  /**
   * Kernels check what has a message of its own to give. What else can be wrong with a node from
   * outside (ranks, counts of elements, sizes that overflow) ends at Java's own checks, all of
   * which mean that the inputs do not fit the operator.
   */
  private static List<Array> apply(Kernel kernel, Call call) {
    try {
      return kernel.apply(call);
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | IllegalArgumentException
        | ClassCastException e) {
      List<String> found =
          call.inputs().stream().map(input -> input.map(Array::describe).orElse("none")).toList();
      throw new LatheException(
          RuntimeError.RUN_REFUSED,
          call.node().describe() + ": inputs " + found + " do not fit",
          e);
    }
  }
}
