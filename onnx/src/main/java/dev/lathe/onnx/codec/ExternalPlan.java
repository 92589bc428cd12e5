package dev.lathe.onnx.codec;

import dev.lathe.ir.Tensor;
import java.util.Map;

/** Decides which initializers leave the model's file. */
@FunctionalInterface
public interface ExternalPlan {
  /** Everything stays in the file. */
  ExternalPlan NONE = _ -> Map.of();

  /**
   * Places a tensor.
   *
   * @param tensor an initializer of fixed-width type
   * @return the keys and values of {@code external_data}, or nothing if the tensor stays
   */
  Map<String, String> place(Tensor tensor);
}
