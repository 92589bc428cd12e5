package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.StepKind;
import dev.lathe.serve.pipeline.BuiltInStep;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pipeline with its built-in steps ready to run.
 *
 * @param pipeline what is declared
 * @param builtIn its steps that are no models, by name
 */
record OpenPipeline(Pipeline pipeline, Map<String, BuiltInStep> builtIn) implements AutoCloseable {
  /** Of a model that answers alone. */
  static final OpenPipeline NONE =
      new OpenPipeline(new Pipeline(List.of(), Map.of(), Map.of()), Map.of());

  /**
   * Reads the declaration and opens what its steps need.
   *
   * @param folder the version's files
   * @param where what the pipeline is part of, for messages
   * @throws LatheException BAD_PIPELINE, or what is wrong with a file
   */
  static OpenPipeline open(Metadata metadata, Path folder, String where) {
    Pipeline pipeline = Pipeline.parse(metadata.pipeline(), where).withLabels(metadata.labels());
    Map<String, BuiltInStep> open = new LinkedHashMap<>();
    OpenPipeline result = new OpenPipeline(pipeline, open);
    try {
      pipeline
          .steps()
          .forEach(
              (name, step) -> {
                if (step.kind() != StepKind.MODEL) {
                  open.put(name, BuiltInStep.open(step, folder));
                }
              });
      return result;
    } catch (LatheException e) {
      result.close();
      throw e;
    }
  }

  boolean isNone() {
    return pipeline.steps().isEmpty();
  }

  /** Whether a step runs the version's own model. */
  boolean hasOwnModel() {
    return pipeline.steps().values().stream()
        .anyMatch(step -> step.kind() == StepKind.MODEL && Pipeline.reference(step).isEmpty());
  }

  @Override
  public void close() {
    builtIn.values().forEach(BuiltInStep::close);
  }
}
