package dev.lathe.serve.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Step;
import java.nio.file.Path;
import java.util.Map;

/** A step that is no model. May be run by many threads. */
public interface BuiltInStep extends AutoCloseable {
  /**
   * Computes all outputs.
   *
   * @param inputs tensors by the step's names, of the types and ranks that it takes
   * @return tensors by the step's names
   * @throws LatheException BAD_INPUT or BAD_TEXT if the content is not what it takes
   */
  Map<String, Tensor> run(Map<String, Tensor> inputs);

  /**
   * Whether it takes so long that it belongs on a thread for computing.
   *
   * @return true for what decodes
   */
  default boolean isLong() {
    return false;
  }

  @Override
  default void close() {}

  /**
   * Makes a step ready to run.
   *
   * @param step a step of any kind but a model
   * @param folder the version's files
   * @return the step; the caller closes it
   * @throws LatheException BAD_TOKENIZER if a file that it needs cannot be used
   */
  static BuiltInStep open(Step step, Path folder) {
    return switch (step.kind()) {
      case IMAGE -> new ImageStep(step);
      case TOKENIZER -> TokenizerStep.open(step, folder);
      case LABELS -> new LabelsStep(step);
      case THRESHOLD -> Scores.threshold(step.real("at"));
      case SOFTMAX -> Scores.softmax();
      case SIGMOID -> Scores.sigmoid();
      case CONCAT -> new ConcatStep(step.whole("axis"));
      case AVERAGE -> new AverageStep(step.reals("weights"));
      case RESHAPE -> new ReshapeStep(step.wholes("shape"));
      case MODEL -> throw new IllegalArgumentException("a model is no built-in step");
    };
  }
}
