package dev.lathe.onnx;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import java.util.List;
import java.util.stream.Collectors;

/** Says which rules of ONNX a model breaks. */
public final class Checker {
  private Checker() {}

  /**
   * Checks a model.
   *
   * @param model the model
   * @return every problem found; empty for a sound model
   */
  public static List<Problem> check(Model model) {
    throw new UnsupportedOperationException(model.graph().name());
  }

  /**
   * Refuses a model that breaks a rule.
   *
   * @param model the model
   * @throws LatheException CHECK_FAILED with the problems
   */
  public static void require(Model model) {
    List<Problem> problems = check(model);
    if (!problems.isEmpty()) {
      throw new LatheException(
          OnnxError.CHECK_FAILED,
          problems.stream().map(Problem::toString).collect(Collectors.joining("; ")));
    }
  }
}
