package dev.lathe.registry.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Signature;
import dev.lathe.registry.Step;
import dev.lathe.registry.Step.Source;
import dev.lathe.registry.StepKind;
import dev.lathe.registry.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Follows types and shapes through a pipeline; the first that does not fit is an error. */
public final class PipelineTypes {
  private final Pipeline pipeline;
  private final Pipeline.Signatures signatures;
  private final String where;

  /** What each input and step gives. */
  private final Map<String, List<TensorSpec>> given = new HashMap<>();

  /**
   * Types of a pipeline.
   *
   * @param pipeline the pipeline
   * @param signatures what the models take and give
   * @param where what the pipeline is part of, for messages
   */
  public PipelineTypes(Pipeline pipeline, Pipeline.Signatures signatures, String where) {
    this.pipeline = pipeline;
    this.signatures = signatures;
    this.where = where.isEmpty() ? "" : where + ": ";
  }

  /**
   * What the pipeline takes and gives.
   *
   * @return the signature
   * @throws LatheException BAD_PIPELINE
   */
  public Signature signature() {
    pipeline.inputs().forEach(input -> given.put(input.name(), List.of(input)));
    for (List<String> stage : pipeline.stages()) {
      for (String name : stage) {
        Step step = pipeline.steps().get(name);
        given.put(name, outputs("pipeline.steps." + name, step));
      }
    }
    List<TensorSpec> outputs = new ArrayList<>();
    pipeline
        .outputs()
        .forEach(
            (name, source) -> {
              TensorSpec found = find("pipeline.outputs." + name, source);
              outputs.add(new TensorSpec(name, found.datatype(), found.shape()));
            });
    return new Signature(pipeline.inputs(), outputs);
  }

  private List<TensorSpec> outputs(String path, Step step) {
    Map<String, TensorSpec> inputs = new HashMap<>();
    step.inputs()
        .forEach((name, source) -> inputs.put(name, find(path + ".inputs." + name, source)));
    if (step.kind() == StepKind.MODEL) {
      return ofModel(path, step, inputs);
    }
    for (String name : step.kind().inputs()) {
      if (!inputs.containsKey(name)) {
        throw bad(path + ".inputs", "no \"" + name + "\"", "where it comes from");
      }
    }
    try {
      return StepTypes.outputs(step, inputs);
    } catch (LatheException e) {
      throw new LatheException(RegistryError.BAD_PIPELINE, where + path + e.getMessage(), e);
    }
  }

  private List<TensorSpec> ofModel(String path, Step step, Map<String, TensorSpec> inputs) {
    Signature signature = signature(path, step);
    List<String> known = signature.inputs().stream().map(TensorSpec::name).toList();
    for (String name : inputs.keySet()) {
      if (!known.contains(name)) {
        throw bad(
            path + ".inputs",
            "\"" + name + "\" is no input of the model",
            Nearest.hint(name, known) + "one of " + String.join(", ", known));
      }
    }
    for (TensorSpec expected : signature.inputs()) {
      TensorSpec found = inputs.get(expected.name());
      if (found == null) {
        throw bad(path + ".inputs", "no \"" + expected.name() + "\"", "where it comes from");
      }
      if (!StepTypes.fits(found, expected)) {
        throw bad(
            path + ".inputs." + expected.name(),
            step.inputs().get(expected.name()) + " is " + StepTypes.words(found),
            StepTypes.words(expected));
      }
    }
    return signature.outputs();
  }

  private Signature signature(String path, Step step) {
    try {
      return signatures.of(Pipeline.reference(step));
    } catch (LatheException e) {
      throw new LatheException(
          RegistryError.BAD_PIPELINE, where + path + ".model: " + e.getMessage(), e);
    }
  }

  private TensorSpec find(String path, Source source) {
    List<TensorSpec> tensors = given.getOrDefault(source.origin(), List.of());
    boolean isInput = !pipeline.steps().containsKey(source.origin());
    if (source.output().isEmpty() && (isInput || tensors.size() == 1)) {
      return tensors.getFirst();
    }
    List<String> names =
        tensors.stream()
            .map(tensor -> isInput ? "" : source.origin() + "." + tensor.name())
            .toList();
    for (TensorSpec tensor : tensors) {
      if (!isInput && tensor.name().equals(source.output())) {
        return tensor;
      }
    }
    throw bad(
        path,
        "\"" + source + "\" is no single tensor that there is",
        isInput ? source.origin() : "one of " + String.join(", ", names));
  }

  private LatheException bad(String path, String found, String expected) {
    return new LatheException(
        RegistryError.BAD_PIPELINE, where + path + ": " + found + " (expected: " + expected + ")");
  }
}
