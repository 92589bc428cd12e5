package dev.lathe.transform;

import dev.lathe.ir.Model;
import dev.lathe.ir.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model of which the types of values are known.
 *
 * @param model the model, unchanged
 * @param types the type of every input, initializer and node output of the main graph; {@link
 *     ValueType#UNKNOWN} where nothing can be said
 */
public record TypedModel(Model model, Map<String, ValueType> types) {
  /** Copies the map, keeping its order. */
  public TypedModel {
    types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
  }

  /**
   * The type of a value.
   *
   * @param value the value's name
   * @return its type, or {@link ValueType#UNKNOWN}
   */
  public ValueType type(String value) {
    return types.getOrDefault(value, ValueType.UNKNOWN);
  }
}
