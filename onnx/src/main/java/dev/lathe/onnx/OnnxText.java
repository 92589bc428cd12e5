package dev.lathe.onnx;

import dev.lathe.ir.Model;
import dev.lathe.onnx.text.ModelText;

/**
 * The text form of a model, for people: ONNX's own textual syntax, with large tensors and long
 * texts cut off.
 *
 * <pre>{@code
 * <
 *   ir_version: 10,
 *   opset_import: ["" : 21]
 * >
 * main (float[N,128] x) => (float[N,10] y)
 * <
 *   float[128,10] W = {0.1, 0.2, ...}
 * >
 * {
 *   [head] y = MatMul (x, W)
 * }
 * }</pre>
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/Syntax.md">ONNX textual syntax</a>
 */
public final class OnnxText {
  private OnnxText() {}

  /**
   * Prints a model.
   *
   * @param model the model
   * @return many lines; the same for the same model
   */
  public static String print(Model model) {
    return ModelText.print(model);
  }
}
