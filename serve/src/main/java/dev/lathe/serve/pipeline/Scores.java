package dev.lathe.serve.pipeline;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** What is done to scores, FP32 of any shape. */
final class Scores {
  private Scores() {}

  /** BOOL of the same shape: whether each score is at least so large. */
  static BuiltInStep threshold(double least) {
    return inputs -> {
      Tensor scores = inputs.get("scores");
      Tensor above = Tensor.zeros(ElementType.BOOL, scores.dims());
      for (long i = 0; i < scores.size(); i++) {
        above
            .data()
            .set(ValueLayout.JAVA_BYTE, i, (byte) (scores.doubleAt(i) >= (float) least ? 1 : 0));
      }
      return Map.of("above", above);
    };
  }

  /** Probabilities along the last axis. */
  static BuiltInStep softmax() {
    return inputs -> {
      Tensor scores = inputs.get("scores");
      int classes = scores.size() == 0 ? 1 : Math.toIntExact(scores.dim(-1));
      float[] probabilities = softmax(scores.toFloats(), classes);
      return Map.of("probabilities", Tensor.ofFloats(probabilities, scores.dims()));
    };
  }

  /** A probability of each score by itself. */
  static BuiltInStep sigmoid() {
    return inputs -> {
      Tensor scores = inputs.get("scores");
      return Map.of("probabilities", Tensor.ofFloats(sigmoid(scores.toFloats()), scores.dims()));
    };
  }

  /** Changes rows of K scores into probabilities, in place, and gives them back. */
  static float[] softmax(float[] scores, int classes) {
    for (int from = 0; from < scores.length; from += classes) {
      float highest = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        highest = Math.max(highest, scores[from + k]);
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += Math.exp(scores[from + k] - (double) highest);
      }
      for (int k = 0; k < classes; k++) {
        scores[from + k] = (float) (Math.exp(scores[from + k] - (double) highest) / sum);
      }
    }
    return scores;
  }

  /** Changes scores into probabilities, in place, and gives them back. */
  static float[] sigmoid(float[] scores) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (1 / (1 + Math.exp(-scores[i])));
    }
    return scores;
  }
}
