package dev.lathe.registry.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Step;
import java.util.List;

/** What settings of a step must be beside each other. */
final class StepRules {
  private static final long LARGEST_IMAGE = 1L << 24;

  private StepRules() {}

  /** Refuses a step whose settings do not go together; gives it back otherwise. */
  static Step require(String path, Step step) {
    switch (step.kind()) {
      case MODEL -> requireReference(path, step);
      case IMAGE -> requireImage(path, step);
      case AVERAGE -> requireWeights(path, step);
      case RESHAPE -> requireGiven(path, step, "shape");
      case CONCAT -> {
        if (step.whole("axis") == 0) {
          throw bad(path + ".axis", "0", "another axis than that of the rows");
        }
      }
      case TOKENIZER, LABELS, THRESHOLD, SOFTMAX, SIGMOID -> {}
    }
    return step;
  }

  private static void requireReference(String path, Step step) {
    try {
      PipelineForm.reference(step.text("model"));
    } catch (LatheException e) {
      throw new LatheException(RegistryError.BAD_PIPELINE, path + ".model: " + e.getMessage(), e);
    }
  }

  private static void requireGiven(String path, Step step, String key) {
    if (step.wholes(key).isEmpty()) {
      throw bad(path + "." + key, "nothing", "a list");
    }
  }

  private static void requireImage(String path, Step step) {
    requireGiven(path, step, "size");
    List<Long> size = step.wholes("size");
    int channels = step.text("color").equals("gray") ? 1 : 3;
    if (size.get(0) * size.get(1) * channels > LARGEST_IMAGE) {
      throw bad(path + ".size", size.toString(), "at most " + LARGEST_IMAGE + " numbers");
    }
    int side = step.whole("resize");
    if (side > 0 && side < Math.max(size.get(0), size.get(1))) {
      throw bad(path + ".resize", "" + side, "no less than " + size);
    }
    for (String key : List.of("mean", "std")) {
      double[] values = step.reals(key);
      if (values.length != 0 && values.length != channels && values.length != 1) {
        throw bad(path + "." + key, values.length + " numbers", "1 or " + channels);
      }
      for (double value : values) {
        if (key.equals("std") && !(value > 0)) {
          throw bad(path + ".std", "" + value, "numbers above 0");
        }
      }
    }
    boolean changed =
        step.real("scale") != 1 || step.reals("mean").length + step.reals("std").length > 0;
    if (changed && step.text("datatype").equals("UINT8")) {
      throw bad(path + ".datatype", "UINT8 with scale, mean or std", "FP32 then");
    }
  }

  private static void requireWeights(String path, Step step) {
    double[] weights = step.reals("weights");
    if (weights.length == 0) {
      return;
    }
    double sum = 0;
    for (double weight : weights) {
      sum += weight < 0 ? Double.NaN : weight;
    }
    if (weights.length != step.inputs().size() || !(sum > 0)) {
      throw bad(
          path + ".weights",
          weights.length + " weights",
          step.inputs().size() + " that are not negative, not all 0");
    }
  }

  private static LatheException bad(String path, String found, String expected) {
    return new LatheException(
        RegistryError.BAD_PIPELINE, path + ": " + found + " (expected: " + expected + ")");
  }
}
