package dev.lathe.server.oip;

import dev.lathe.ir.Tensor;
import dev.lathe.server.infer.Question;
import java.util.List;
import java.util.Map;

/**
 * What an inference request's body says.
 *
 * @param id the caller's name for the request; empty if it has none
 * @param inputs tensors by name, in memory that {@code elements} own
 * @param elements what to give back when the answer is sent
 * @param outputs the outputs wanted; empty means all
 * @param timeoutMicros the deadline in microseconds; 0 if it has none
 */
record InferBody(
    String id,
    Map<String, Tensor> inputs,
    List<InputElements> elements,
    List<Question.Wanted> outputs,
    long timeoutMicros) {
  /** Gives the inputs' memory back; nobody may read them any more. */
  void release() {
    elements.forEach(InputElements::release);
  }
}
