package dev.lathe.onnx;

/**
 * One rule of ONNX that a model breaks.
 *
 * @param where the part of the model, by name: {@code graph "main", node "conv1" (Conv)}
 * @param message what is wrong, what was found and what was expected
 */
public record Problem(String where, String message) {
  @Override
  public String toString() {
    return where + ": " + message;
  }
}
