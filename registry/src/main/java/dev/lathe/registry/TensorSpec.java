package dev.lathe.registry;

import java.util.List;

/**
 * One input or output of a model, in the words of the Open Inference Protocol.
 *
 * @param name its name in the graph
 * @param datatype {@code FP32}, {@code INT64}, {@code BYTES}, ...
 * @param shape its dimensions; -1 where any size will do
 */
public record TensorSpec(String name, String datatype, List<Long> shape) {
  /** Copies the shape. */
  public TensorSpec {
    shape = List.copyOf(shape);
  }
}
