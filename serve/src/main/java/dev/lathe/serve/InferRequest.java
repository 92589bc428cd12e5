package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import java.util.Map;
import java.util.Set;

/**
 * A question to a model.
 *
 * @param inputs tensors by name; they must not change until the answer is there
 * @param outputs the outputs wanted; empty means all
 * @param options deadline, caller, priority, sequence, cancellation
 */
public record InferRequest(
    Map<String, Tensor> inputs, Set<String> outputs, RequestOptions options) {
  /** Copies the set of outputs. */
  public InferRequest {
    outputs = Set.copyOf(outputs);
  }

  /**
   * A question for all outputs, without a deadline of its own, by nobody in particular.
   *
   * @param inputs tensors by name
   * @return the request
   */
  public static InferRequest of(Map<String, Tensor> inputs) {
    return new InferRequest(inputs, Set.of(), RequestOptions.usual());
  }

  /** Whose turn it takes in the queue. */
  String caller() {
    return options.caller();
  }
}
