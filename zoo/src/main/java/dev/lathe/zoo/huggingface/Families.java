package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every architecture that can be read, one a line; of one model type, the usual one first. */
final class Families {
  static final List<Family> ALL =
      Stream.of(Decoders.FAMILIES, Encoders.FAMILIES, Transducers.FAMILIES)
          .flatMap(List::stream)
          .toList();

  private Families() {}

  /**
   * The family of a config: by its architecture and its model type, or by the model type alone if
   * no architecture is told.
   */
  static Family of(Config config) {
    String modelType =
        config.text("model_type").orElseThrow(() -> config.missing("model_type", known()));
    List<String> architectures = config.texts("architectures").orElse(List.of());
    if (architectures.size() > 1) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          config.place("architectures") + ": " + architectures + " (expected: one)");
    }
    List<Family> ofType =
        ALL.stream().filter(family -> family.modelType().equals(modelType)).toList();
    if (ofType.isEmpty()) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          config.place("model_type") + ": \"" + modelType + "\" (supported: " + known() + ")");
    }
    if (architectures.isEmpty()) {
      return ofType.getFirst();
    }
    return ofType.stream()
        .filter(family -> family.architecture().equals(architectures.getFirst()))
        .findFirst()
        .orElseThrow(
            () ->
                new LatheException(
                    ZooError.UNSUPPORTED,
                    config.place("architectures")
                        + ": \""
                        + architectures.getFirst()
                        + "\" (supported of "
                        + modelType
                        + ": "
                        + ofType.stream()
                            .map(Family::architecture)
                            .collect(Collectors.joining(", "))
                        + ")"));
  }

  private static String known() {
    return ALL.stream().map(Family::modelType).distinct().collect(Collectors.joining(", "));
  }
}
