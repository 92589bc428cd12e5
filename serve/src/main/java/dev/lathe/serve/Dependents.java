package dev.lathe.serve;

import dev.lathe.registry.ModelName;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.StepKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which pipelines ask which models.
 *
 * @param source says what versions are made of
 * @param statuses the versions that are wanted
 */
record Dependents(Source source, List<ModelStatus> statuses) {
  /** All pipelines that ask a model, themselves or through another. */
  Set<ModelName> of(ModelName model) {
    Map<ModelName, Set<ModelName>> asked = new HashMap<>();
    for (ModelStatus status : statuses) {
      if (!status.wanted().isEmpty()) {
        ModelVersion version = new ModelVersion(status.model(), status.wanted());
        asked.computeIfAbsent(status.model(), none -> new LinkedHashSet<>()).addAll(asks(version));
      }
    }
    Set<ModelName> found = new LinkedHashSet<>();
    Deque<ModelName> next = new ArrayDeque<>(Set.of(model));
    while (!next.isEmpty()) {
      ModelName one = next.remove();
      asked.forEach(
          (pipeline, models) -> {
            if (models.contains(one) && !pipeline.equals(model) && found.add(pipeline)) {
              next.add(pipeline);
            }
          });
    }
    return found;
  }

  private Set<ModelName> asks(ModelVersion version) {
    Map<String, Object> declared = source.metadata(version).pipeline();
    if (declared.isEmpty()) {
      return Set.of();
    }
    return Pipeline.parse(declared, version.toString()).steps().values().stream()
        .filter(step -> step.kind() == StepKind.MODEL)
        .map(Pipeline::reference)
        .flatMap(Optional::stream)
        .map(Pipeline.Reference::model)
        .collect(Collectors.toSet());
  }
}
