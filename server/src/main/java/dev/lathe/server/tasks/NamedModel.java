package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.infer.Inference;
import java.util.Optional;

/**
 * The model that a body names: {@code org/name}, {@code org/name@v2} or {@code
 * org/name@environment}.
 *
 * @param model {@code namespace/name}
 * @param version what stands behind the at sign
 */
record NamedModel(String model, Optional<String> version) {
  /**
   * Takes a name apart, and asks whether the caller may ask that model.
   *
   * @throws LatheException BAD_REQUEST for no name, NOT_ALLOWED
   */
  static NamedModel of(String text) {
    if (text.isBlank()) {
      throw Bounds.bad("\"model\": missing (expected: namespace/name)");
    }
    int at = text.lastIndexOf('@');
    ModelName name = Inference.name(at < 0 ? text : text.substring(0, at));
    Caller caller = Caller.current();
    if (!caller.may(Right.INFER, name.toString())) {
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          caller.name()
              + " may not infer "
              + name
              + " (expected: a scope such as infer:"
              + name
              + ")");
    }
    return new NamedModel(
        name.toString(), at < 0 ? Optional.empty() : Optional.of(text.substring(at + 1)));
  }
}
