package dev.lathe.onnx;

import dev.lathe.ir.Model;

/** The text form of a model, for people. */
public final class OnnxText {
  private OnnxText() {}

  /**
   * Prints a model.
   *
   * @param model the model
   * @return many lines
   */
  public static String print(Model model) {
    throw new UnsupportedOperationException(model.graph().name());
  }
}
