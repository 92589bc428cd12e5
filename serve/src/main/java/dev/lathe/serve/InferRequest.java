package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * A question to a model.
 *
 * @param inputs tensors by name; they must not change until the answer is there
 * @param outputs the outputs wanted; empty means all
 * @param timeout how long an answer is worth waiting for; zero means the model's own limit
 * @param caller whose turn it takes in the queue
 */
public record InferRequest(
    Map<String, Tensor> inputs, Set<String> outputs, Duration timeout, String caller) {
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
    return new InferRequest(inputs, Set.of(), Duration.ZERO, "");
  }
}
