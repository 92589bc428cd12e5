package dev.lathe.runtime.interpreter;

import java.util.List;
import java.util.function.Function;

/** What an operator computes: inputs and attributes in, outputs out, in the operator's order. */
@FunctionalInterface
public interface Kernel {
  /**
   * Computes a node.
   *
   * @param call the node and its inputs
   * @return all outputs that the operator has, also those that the node does not ask for
   */
  List<Array> apply(Call call);

  /** An operator with one output. */
  static Kernel one(Function<Call, Array> function) {
    return call -> List.of(function.apply(call));
  }
}
