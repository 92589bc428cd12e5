package dev.lathe.serve.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Step;
import dev.lathe.serve.ServeError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The classes of the highest scores, the highest first: "scores" FP32 [N, K] to three tensors [N,
 * min(top, K)]. Of equal scores the class of the lower index is first; what is no number is last.
 */
final class LabelsStep implements BuiltInStep {
  private final List<String> labels;
  private final int top;
  private final String apply;

  LabelsStep(Step step) {
    this.labels = step.texts("labels");
    this.top = step.whole("top");
    this.apply = step.text("apply");
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Tensor given = inputs.get("scores");
    int rows = Math.toIntExact(given.dim(0));
    int classes = Math.toIntExact(given.dim(1));
    if (!labels.isEmpty() && labels.size() != classes) {
      throw new LatheException(
          ServeError.RUN_FAILED,
          classes + " scores (expected: one for each of " + labels.size() + " labels)");
    }
    float[] scores = applied(given);
    int kept = Math.min(top, classes);
    List<String> names = new ArrayList<>(rows * kept);
    float[] best = new float[rows * kept];
    long[] indices = new long[rows * kept];
    for (int row = 0; row < rows; row++) {
      int[] chosen = best(scores, row * classes, classes, kept);
      for (int k = 0; k < kept; k++) {
        names.add(labels.isEmpty() ? Integer.toString(chosen[k]) : labels.get(chosen[k]));
        best[row * kept + k] = scores[row * classes + chosen[k]];
        indices[row * kept + k] = chosen[k];
      }
    }
    long[] dims = {rows, kept};
    return Map.of(
        "labels", Tensor.ofStrings(names, dims),
        "scores", Tensor.ofFloats(best, dims),
        "indices", Tensor.ofLongs(indices, dims));
  }

  private float[] applied(Tensor scores) {
    return switch (apply) {
      case "softmax" -> Scores.softmax(scores.toFloats(), Math.toIntExact(scores.dim(1)));
      case "sigmoid" -> Scores.sigmoid(scores.toFloats());
      default -> scores.toFloats();
    };
  }

  private static int[] best(float[] scores, int from, int classes, int kept) {
    Comparator<Integer> order =
        Comparator.comparingDouble(
            k -> Float.isNaN(scores[from + k]) ? Double.POSITIVE_INFINITY : -scores[from + k]);
    if (kept == 1) {
      return new int[] {IntStream.range(0, classes).boxed().min(order).orElseThrow()};
    }
    return IntStream.range(0, classes).boxed().sorted(order).limit(kept).mapToInt(k -> k).toArray();
  }
}
