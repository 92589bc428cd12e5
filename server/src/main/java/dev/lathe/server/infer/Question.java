package dev.lathe.server.infer;

import dev.lathe.ir.Tensor;
import dev.lathe.serve.RequestOptions;
import java.util.List;
import java.util.Map;

/**
 * An inference request, read from whatever protocol.
 *
 * @param inputs tensors by name; they must not change until the answer is there
 * @param wanted the outputs asked for; empty means all of them, as they are
 * @param options deadline, caller, priority, sequence, cancellation
 */
public record Question(Map<String, Tensor> inputs, List<Wanted> wanted, RequestOptions options) {
  /** Copies the outputs asked for. */
  public Question {
    wanted = List.copyOf(wanted);
  }

  /**
   * An output asked for.
   *
   * @param name its name
   * @param classes how many of its best classes to give instead of the tensor; 0 gives the tensor
   */
  public record Wanted(String name, int classes) {}
}
