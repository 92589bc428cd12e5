package dev.lathe.serve;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Step;
import dev.lathe.registry.StepKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether pipelines that run pipelines come to an end. It is asked before a version is loaded,
 * since a version that waits for itself would wait forever.
 */
final class PipelineNesting {
  /** How many pipelines may stand in each other. */
  static final int DEEPEST = 4;

  private final Source source;

  private PipelineNesting(Source source) {
    this.source = source;
  }

  /**
   * Follows all that a version runs, as it is now.
   *
   * @throws LatheException BAD_PIPELINE for a version that runs itself, or too many levels
   */
  static void require(Source source, ModelVersion version) {
    new PipelineNesting(source).follow(version, List.of());
  }

  private void follow(ModelVersion version, List<ModelVersion> above) {
    List<ModelVersion> path = new ArrayList<>(above);
    path.add(version);
    if (above.contains(version)) {
      throw bad(path, "a version runs itself");
    }
    Metadata metadata = metadata(version, path);
    if (metadata.pipeline().isEmpty()) {
      return;
    }
    if (path.size() > DEEPEST) {
      throw bad(path, "deeper than " + DEEPEST + " pipelines in each other");
    }
    for (Step step : Pipeline.parse(metadata.pipeline(), version.toString()).steps().values()) {
      if (step.kind() == StepKind.MODEL) {
        Pipeline.reference(step).ifPresent(other -> follow(version(other), path));
      }
    }
  }

  private Metadata metadata(ModelVersion version, List<ModelVersion> path) {
    try {
      return source.metadata(version);
    } catch (LatheException e) {
      if (e.kind() != ErrorKind.NOT_FOUND || path.size() == 1) {
        throw e;
      }
      throw bad(path, e.getMessage());
    }
  }

  private ModelVersion version(Pipeline.Reference reference) {
    if (reference.isVersion()) {
      return new ModelVersion(reference.model(), reference.version());
    }
    return source
        .wish(reference.model(), reference.version())
        .map(wish -> new ModelVersion(reference.model(), wish.version()))
        .orElseThrow(
            () ->
                new LatheException(
                    ServeError.LOAD_FAILED,
                    "the pipeline needs " + reference + ": no version is live there"));
  }

  private static LatheException bad(List<ModelVersion> path, String why) {
    String shown = String.join(" → ", path.stream().map(ModelVersion::toString).toList());
    return new LatheException(RegistryError.BAD_PIPELINE, "pipeline " + shown + ": " + why);
  }
}
