package dev.lathe.transform;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;

/** Puts {@code (x - mean) / std} before a model, so that it takes data as it is. */
public final class PrependNormalization {
  private PrependNormalization() {}

  /**
   * Prepends.
   *
   * @param model the model
   * @param input its FLOAT input that takes data
   * @param mean FLOAT, broadcastable to the input
   * @param std FLOAT, broadcastable to the input, no zeros
   * @return a model with the same inputs and outputs
   * @throws dev.lathe.ir.LatheException UNKNOWN_VALUE if there is no such input, SHAPE_MISMATCH if
   *     mean or std do not broadcast to it
   */
  public static Model apply(Model model, String input, Tensor mean, Tensor std) {
    throw new UnsupportedOperationException("not yet");
  }
}
