package dev.lathe.server;

import dev.lathe.explain.Method;
import dev.lathe.explain.Question;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A question why a model answers so.
 *
 * @param version as for {@link Lathe#predict}; absent for what is live in {@code prod} and else the
 *     newest
 * @param inputs tensors by the names of the model's signature, at most 64 rows
 * @param input the input that is explained; absent for the first of type FP32
 * @param output the output that is explained, FP32 [N] or [N, K]; absent for the first
 * @param target the class, by name or number; absent for the most probable
 * @param method {@code integrated_gradients} or {@code occlusion}; absent for the former
 * @param steps points of integrated gradients; absent for 64
 * @param window side of an occluded window of an image; absent for an eighth of the shorter side
 * @param stride how far windows are apart; absent for half of one
 * @param baseline one example that counts as nothing, or a number for all of it; absent for 0
 */
public record ExplainRequest(
    Optional<String> version,
    Map<String, Tensor> inputs,
    Optional<String> input,
    Optional<String> output,
    Optional<String> target,
    Optional<String> method,
    Optional<Integer> steps,
    Optional<Integer> window,
    Optional<Integer> stride,
    Optional<Tensor> baseline) {
  private static final String GRADIENTS = "integrated_gradients";
  private static final String OCCLUSION = "occlusion";

  /**
   * The usual question.
   *
   * @param version the version; empty as for {@link Lathe#predict}
   * @param inputs tensors by the names of the model's signature
   * @return why the most probable class, by integrated gradients from zeros
   */
  public static ExplainRequest of(String version, Map<String, Tensor> inputs) {
    return new ExplainRequest(
        version.isEmpty() ? Optional.empty() : Optional.of(version),
        inputs,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The method's name. */
  String methodName() {
    return method.orElse(GRADIENTS);
  }

  Question question(List<String> labels) {
    Method how =
        switch (methodName()) {
          case GRADIENTS -> gradients();
          case OCCLUSION -> occlusion();
          default ->
              throw new LatheException(
                  ServerError.BAD_REQUEST,
                  "method \""
                      + methodName()
                      + "\" (expected: "
                      + GRADIENTS
                      + " or "
                      + OCCLUSION
                      + ")");
        };
    Optional<Integer> wanted = target.map(name -> index(name, labels));
    return new Question(wanted, baseline.orElse(Tensor.scalar(0f)), how);
  }

  private Method gradients() {
    if (window.isPresent() || stride.isPresent()) {
      throw new LatheException(
          ServerError.BAD_REQUEST, "window and stride are settings of method " + OCCLUSION);
    }
    return new Method.IntegratedGradients(steps.orElse(Method.USUAL_STEPS));
  }

  private Method occlusion() {
    if (steps.isPresent()) {
      throw new LatheException(
          ServerError.BAD_REQUEST, "steps is a setting of method " + GRADIENTS);
    }
    return new Method.Occlusion(window.orElse(0), stride.orElse(0));
  }

  private static int index(String target, List<String> labels) {
    int named = labels.indexOf(target);
    if (named >= 0) {
      return named;
    }
    if (target.matches("\\d{1,6}")) {
      return Integer.parseInt(target);
    }
    throw new LatheException(
        ServerError.BAD_REQUEST,
        "target \"" + target + "\" (expected: " + (labels.isEmpty() ? "a number" : labels) + ")");
  }
}
