package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.pipeline.PipelineForm;
import dev.lathe.registry.pipeline.PipelineTypes;
import dev.lathe.registry.pipeline.Stages;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Models and built-in steps that answer together, as {@code lathe.yaml} declares them: every step
 * takes what the pipeline was given or what other steps gave, and no step waits for itself.
 *
 * @param inputs what a request brings, in order
 * @param steps the steps by name, in the order of the file
 * @param outputs where each output comes from, by the output's name
 */
public record Pipeline(
    List<TensorSpec> inputs, Map<String, Step> steps, Map<String, Step.Source> outputs) {
  /** Copies its collections, keeping their order. */
  public Pipeline {
    inputs = List.copyOf(inputs);
    steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /**
   * Another model that a step names.
   *
   * @param model its name
   * @param version {@code v<N>}, or an environment's name
   */
  public record Reference(ModelName model, String version) {
    /**
     * Whether a certain version is meant, and not what is live.
     *
     * @return true for {@code v<N>}
     */
    public boolean isVersion() {
      return VersionTag.parse(version).isPresent();
    }

    @Override
    public String toString() {
      return model + "@" + version;
    }
  }

  /**
   * Reads a pipeline.
   *
   * @param definition the value of the key {@code pipeline}
   * @param where what the definition is part of, for messages
   * @return the pipeline; all names in it lead somewhere
   * @throws LatheException BAD_PIPELINE saying where, what was found and what is expected
   */
  public static Pipeline parse(Map<String, Object> definition, String where) {
    return PipelineForm.read(definition, where);
  }

  /**
   * The model that a step runs.
   *
   * @param step a step of kind MODEL
   * @return another model; empty if it is the version's own
   * @throws LatheException BAD_PIPELINE or BAD_NAME if the name is none
   */
  public static Optional<Reference> reference(Step step) {
    return PipelineForm.reference(step.text("model"));
  }

  /**
   * The same pipeline, its steps of kind LABELS knowing the names of a version's classes where they
   * have none of their own.
   *
   * @param labels the names by index
   * @return a new pipeline
   */
  public Pipeline withLabels(List<String> labels) {
    Map<String, Step> named = new LinkedHashMap<>(steps);
    named.replaceAll(
        (name, step) ->
            step.kind() == StepKind.LABELS && step.texts("labels").isEmpty()
                ? step.with("labels", labels)
                : step);
    return new Pipeline(inputs, named, outputs);
  }

  /** What other models take and give. */
  public interface Signatures {
    /**
     * The signature of a model.
     *
     * @param reference another model; empty for the version's own
     * @return what it takes and gives
     * @throws LatheException if there is no such model
     */
    Signature of(Optional<Reference> reference);
  }

  /**
   * What the pipeline takes and gives, all types and shapes compared on the way.
   *
   * @param signatures what the models take and give
   * @param where what the pipeline is part of, for messages
   * @return the signature
   * @throws LatheException BAD_PIPELINE naming the step, what it is given and what it takes
   */
  public Signature signature(Signatures signatures, String where) {
    return new PipelineTypes(this, signatures, where).signature();
  }

  /**
   * The steps in an order in which they can run.
   *
   * @return names of steps; those of one list need nothing of each other
   * @throws LatheException BAD_PIPELINE if steps wait for each other
   */
  public List<List<String>> stages() {
    return Stages.of(steps);
  }
}
