package dev.lathe.server;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a model answered.
 *
 * @param model its name
 * @param version the version that answered
 * @param outputs by the names of the model's signature
 * @param labels the names of the model's classes, in the order of the scores; empty if there are
 *     none
 */
public record Prediction(
    String model, String version, Map<String, Tensor> outputs, List<String> labels) {
  /**
   * The class that a classifier chose: the output {@code label} as an index, or as names, the best
   * first.
   *
   * @param row the example, from 0
   * @return the class's name, or its number where classes have no names; empty if the model has no
   *     output {@code label}
   */
  public Optional<String> label(int row) {
    Tensor chosen = outputs.get("label");
    if (chosen == null) {
      return Optional.empty();
    }
    if (chosen.type() == ElementType.STRING) {
      long width = chosen.size() / Math.max(1, chosen.dim(0));
      return width == 0
          ? Optional.empty()
          : Optional.of(chosen.strings().get(Math.toIntExact(row * width)));
    }
    long index = chosen.longAt(row);
    boolean named = index >= 0 && index < labels.size();
    return Optional.of(named ? labels.get((int) index) : Long.toString(index));
  }
}
