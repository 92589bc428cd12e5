package dev.lathe.server.oip;

import dev.lathe.ir.Tensor;
import dev.lathe.serve.RequestOptions;
import dev.lathe.server.infer.Question;
import java.util.List;
import java.util.Map;

/**
 * What an inference request's body says.
 *
 * @param id the caller's name for the request; empty if it has none
 * @param inputs tensors by name, in {@code memory}
 * @param memory what to give back when the answer is sent
 * @param wanted which outputs
 * @param options deadline, priority, sequence
 */
record InferBody(
    String id,
    Map<String, Tensor> inputs,
    RequestMemory memory,
    Outputs wanted,
    RequestOptions options) {
  /**
   * Which outputs, and in which form.
   *
   * @param list the outputs; empty means all
   * @param binary the form of those that say: whether it is binary
   * @param otherwise the form of the others
   */
  record Outputs(List<Question.Wanted> list, Map<String, Boolean> binary, boolean otherwise) {
    boolean isBinary(String output) {
      return binary.getOrDefault(output, otherwise);
    }
  }

  /** Gives the inputs' memory back; nobody may read them any more. */
  void release() {
    memory.release();
  }
}
