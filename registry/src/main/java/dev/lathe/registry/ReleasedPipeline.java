package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.Optional;

/** Holds the pipeline of a release against what it names, before it becomes a version. */
final class ReleasedPipeline {
  private ReleasedPipeline() {}

  /**
   * The release, its signature being that of its pipeline. A release without a pipeline stays as it
   * is.
   *
   * @throws LatheException BAD_PIPELINE if the pipeline cannot work: a file or a model that there
   *     is not, types that do not fit, the model itself being waited for
   */
  static Release checked(Registry registry, ModelName model, Release release) {
    Metadata given = release.metadata();
    if (given.pipeline().isEmpty()) {
      return release;
    }
    Pipeline pipeline =
        Pipeline.parse(given.pipeline(), LatheYaml.METADATA).withLabels(given.labels());
    pipeline.steps().forEach((name, step) -> requireFile(name, step, release));
    Signature signature =
        pipeline.signature(
            reference -> signature(registry, model, release, reference), LatheYaml.METADATA);
    Metadata checked =
        new Metadata(given.task(), given.labels(), signature, given.lineage(), given.pipeline());
    return new Release(release.files(), checked, release.message());
  }

  private static void requireFile(String name, Step step, Release release) {
    if (step.kind() == StepKind.TOKENIZER && !release.files().containsKey(step.text("file"))) {
      throw bad(
          "pipeline.steps." + name + ".file: no file " + Names.quote(step.text("file")),
          "one of " + release.files().keySet());
    }
  }

  private static Signature signature(
      Registry registry, ModelName model, Release release, Optional<Pipeline.Reference> reference) {
    if (reference.isEmpty()) {
      if (!release.files().containsKey(Release.MODEL)) {
        throw bad("no model.onnx in this release", "one, or the name of another model");
      }
      return release.metadata().signature();
    }
    Pipeline.Reference other = reference.get();
    if (other.model().equals(model) && !other.isVersion()) {
      throw bad(other + " may become this version", "another model, or a certain version");
    }
    return registry.show(other.model(), other.version()).metadata().signature();
  }

  private static LatheException bad(String found, String expected) {
    return new LatheException(RegistryError.BAD_PIPELINE, found + " (expected: " + expected + ")");
  }
}
