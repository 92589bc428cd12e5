package dev.lathe.transform;

import dev.lathe.ir.Model;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Adds to a model the gradient of one scalar by some of its values. */
public final class Differentiate {
  private Differentiate() {}

  /**
   * A model with gradients.
   *
   * @param model the model; the gradients are among its outputs
   * @param gradients names of the gradients, by the values they belong to
   */
  public record Result(Model model, Map<String, String> gradients) {
    /** Copies the map, keeping its order. */
    public Result {
      gradients = Collections.unmodifiableMap(new LinkedHashMap<>(gradients));
    }
  }

  /**
   * Differentiates.
   *
   * @param model the model
   * @param loss one of its values, of one element
   * @param by inputs or initializers of floating type
   * @return the model with outputs {@code grad/<name>} added, each of its value's type
   * @throws dev.lathe.ir.LatheException NO_GRADIENT naming node and operator, NO_PATH,
   *     UNKNOWN_VALUE
   */
  public static Result apply(Model model, String loss, Set<String> by) {
    throw new UnsupportedOperationException("not yet");
  }
}
