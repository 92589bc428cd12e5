package dev.lathe.explain;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Explains what a model of tables or images answers. Rows are explained one by one; the runs that a
 * row takes are joined.
 */
public final class Explainer {
  private static final int TOGETHER = 32;
  private static final int MOST_ROWS = 64;
  private static final long MOST_RUNS = 1 << 16;

  private final Model model;
  private final ValueInfo input;
  private final ValueInfo output;

  /**
   * Looks at a model.
   *
   * @param model the model
   * @param input the FLOAT input [N, ...] that answers come from; empty for the only one
   * @param output the FLOAT output [N] or [N, K] that is explained; empty for the first
   * @throws LatheException BAD_TARGET if it has no such input or output; UNSUPPORTED_MODEL if they
   *     have another form
   */
  public Explainer(Model model, String input, String output) {
    this.model = model;
    List<ValueInfo> inputs =
        model.graph().inputs().stream()
            .filter(value -> !model.graph().initializers().containsKey(value.name()))
            .toList();
    this.input = floating(named(inputs, input, "input"), "input");
    this.output = floating(named(model.graph().outputs(), output, "output"), "output");
    Scorer.classes(this.output);
  }

  private static ValueInfo named(List<ValueInfo> values, String name, String what) {
    if (name.isEmpty()) {
      return values.stream()
          .filter(Explainer::isFloat)
          .findFirst()
          .orElseThrow(
              () ->
                  new LatheException(
                      ExplainError.UNSUPPORTED_MODEL,
                      "no " + what + " of type FLOAT (expected: a model of tables or images)"));
    }
    return values.stream()
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new LatheException(
                    ExplainError.BAD_TARGET,
                    what
                        + " \""
                        + name
                        + "\" (expected: one of "
                        + values.stream().map(ValueInfo::name).toList()
                        + ")"));
  }

  private static boolean isFloat(ValueInfo value) {
    return value.type() instanceof ValueType.TensorType(ElementType element, Shape shape)
        && element == ElementType.FLOAT
        && shape.ranked()
        && shape.rank() > 0;
  }

  private static ValueInfo floating(ValueInfo value, String what) {
    if (!isFloat(value)) {
      throw new LatheException(
          ExplainError.UNSUPPORTED_MODEL,
          what + " \"" + value.name() + "\": " + value.type() + " (expected: FLOAT[N, ...])");
    }
    return value;
  }

  /**
   * The input that answers come from.
   *
   * @return its name
   */
  public String input() {
    return input.name();
  }

  /**
   * The output that is explained.
   *
   * @return its name
   */
  public String output() {
    return output.name();
  }

  /**
   * Explains the answer to each row.
   *
   * @param inputs all inputs of the model, N rows each
   * @param question what is asked
   * @return one explanation for each row
   * @throws LatheException BAD_TARGET if an input is missing, has no rows or too many, or the class
   *     is not the model's; BAD_METHOD if it would take too many runs; NO_GRADIENT if the method
   *     needs gradients and an operator has none; what the run threw
   */
  public List<Explanation> explain(Map<String, Tensor> inputs, Question question) {
    Tensor given = inputs.get(input.name());
    if (given == null || given.type() != ElementType.FLOAT || given.rank() < 1) {
      throw bad("input \"" + input.name() + "\": " + given + " (expected: FLOAT[N, ...])");
    }
    if (given.dim(0) < 1 || given.dim(0) > MOST_ROWS || given.size() == 0) {
      throw bad(
          "input \""
              + input.name()
              + "\": "
              + given.dim(0)
              + " rows (expected: 1 to 64, not empty)");
    }
    Scorer.Ends ends = new Scorer.Ends(input, output);
    boolean byGradient = question.method() instanceof Method.IntegratedGradients;
    try (Scorer scorer =
        byGradient ? Scorer.openWithGradient(model, ends) : Scorer.open(model, ends)) {
      List<Explanation> all = new ArrayList<>();
      for (int row = 0; row < given.dim(0); row++) {
        all.add(new Pass(scorer, inputs, row, question).explain());
      }
      return List.copyOf(all);
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(ExplainError.BAD_TARGET, message);
  }

  /** The explanation of one row. */
  private final class Pass {
    private final Scorer scorer;
    private final Map<String, Tensor> inputs;
    private final int row;
    private final Question question;
    private final long[] dims;
    private final float[] x;
    private final float[] baseline;
    private int target;

    Pass(Scorer scorer, Map<String, Tensor> inputs, int row, Question question) {
      this.scorer = scorer;
      this.inputs = inputs;
      this.row = row;
      this.question = question;
      Tensor given = inputs.get(input.name());
      this.dims = Arrays.copyOfRange(given.dims(), 1, given.rank());
      int size = Math.toIntExact(given.size() / given.dim(0));
      this.x = Arrays.copyOfRange(given.toFloats(), row * size, (row + 1) * size);
      this.baseline = baseline(question.baseline(), size);
    }

    private float[] baseline(Tensor like, int size) {
      float[] values = like.toFloats();
      if (like.rank() == 0) {
        float[] same = new float[size];
        Arrays.fill(same, values[0]);
        return same;
      }
      if (values.length != size) {
        throw bad(
            "baseline: "
                + like
                + " (expected: one example of shape "
                + Arrays.toString(dims)
                + ")");
      }
      return values;
    }

    Explanation explain() {
      float[] ends = scores(List.of(x, baseline));
      int classes = scorer.classes();
      this.target = question.target().orElseGet(() -> greatest(ends, classes));
      if (target < 0 || target >= classes) {
        throw bad("class " + target + " (expected: 0 to " + (classes - 1) + ")");
      }
      float[] attributions =
          switch (question.method()) {
            case Method.IntegratedGradients method -> integrated(method.steps());
            case Method.Occlusion method -> occluded(method, ends[target]);
          };
      return new Explanation(
          target, ends[target], ends[classes + target], Tensor.ofFloats(attributions, dims));
    }

    private static int greatest(float[] scores, int classes) {
      int best = 0;
      for (int k = 1; k < classes; k++) {
        best = scores[k] > scores[best] ? k : best;
      }
      return best;
    }

    /** Midpoint rule on the line from the baseline to x. */
    private float[] integrated(int steps) {
      double[] sums = new double[x.length];
      int together = scorer.rows(TOGETHER);
      for (int first = 0; first < steps; first += together) {
        List<float[]> points = new ArrayList<>();
        for (int i = first; i < Math.min(steps, first + together); i++) {
          float part = (i + 0.5f) / steps;
          float[] point = new float[x.length];
          for (int e = 0; e < x.length; e++) {
            point[e] = baseline[e] + part * (x[e] - baseline[e]);
          }
          points.add(point);
        }
        float[] gradients = scorer.gradients(joined(points), others(points), target);
        for (int i = 0; i < points.size() * x.length; i++) {
          sums[i % x.length] += gradients[i];
        }
      }
      float[] attributions = new float[x.length];
      for (int e = 0; e < x.length; e++) {
        attributions[e] = (float) (sums[e] / steps * (x[e] - baseline[e]));
      }
      return attributions;
    }

    private float[] occluded(Method.Occlusion method, float score) {
      int[] example = new int[Math.max(1, dims.length)];
      example[0] = 1;
      for (int i = 0; i < dims.length; i++) {
        example[i] = Math.toIntExact(dims[i]);
      }
      List<int[]> parts = Parts.of(example, method);
      if (parts.size() > MOST_RUNS) {
        throw new LatheException(
            ExplainError.BAD_METHOD,
            parts.size() + " parts (expected: at most " + MOST_RUNS + "; make the stride larger)");
      }
      double[] sums = new double[x.length];
      int[] counts = new int[x.length];
      int together = scorer.rows(TOGETHER);
      for (int first = 0; first < parts.size(); first += together) {
        List<int[]> some = parts.subList(first, Math.min(parts.size(), first + together));
        float[] scores = scores(some.stream().map(this::without).toList());
        for (int i = 0; i < some.size(); i++) {
          for (int place : some.get(i)) {
            sums[place] += score - scores[i * scorer.classes() + target];
            counts[place]++;
          }
        }
      }
      float[] attributions = new float[x.length];
      for (int e = 0; e < x.length; e++) {
        attributions[e] = counts[e] == 0 ? 0 : (float) (sums[e] / counts[e]);
      }
      return attributions;
    }

    private float[] without(int[] part) {
      float[] changed = x.clone();
      for (int place : part) {
        changed[place] = baseline[place];
      }
      return changed;
    }

    /** Scores of examples, [n, K], in as many runs as it takes. */
    private float[] scores(List<float[]> examples) {
      float[] all = new float[examples.size() * scorer.classes()];
      int together = scorer.rows(TOGETHER);
      for (int first = 0; first < examples.size(); first += together) {
        List<float[]> some = examples.subList(first, Math.min(examples.size(), first + together));
        float[] scores = scorer.scores(joined(some), others(some));
        System.arraycopy(scores, 0, all, first * scorer.classes(), some.size() * scorer.classes());
      }
      return all;
    }

    /** Examples as rows; where the model takes a fixed number, the last is repeated. */
    private Tensor joined(List<float[]> examples) {
      int rows = scorer.rows(examples.size());
      float[] joined = new float[rows * x.length];
      for (int i = 0; i < rows; i++) {
        float[] example = examples.get(Math.min(i, examples.size() - 1));
        System.arraycopy(example, 0, joined, i * x.length, x.length);
      }
      long[] shape = new long[dims.length + 1];
      shape[0] = rows;
      System.arraycopy(dims, 0, shape, 1, dims.length);
      return Tensor.ofFloats(joined, shape);
    }

    private Map<String, Tensor> others(List<float[]> examples) {
      return Scorer.repeated(
          inputs, new Scorer.Row(input.name(), row, scorer.rows(examples.size())));
    }
  }
}
