package dev.lathe.onnx;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.check.ModelCheck;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says which rules of ONNX a model breaks: versions, imported operator sets, every value made once
 * and before its first use, known operators with the inputs, outputs and attributes they take,
 * bodies of control flow, functions that call themselves.
 *
 * <p>Operators of ONNX's own domains are checked against the standard; those of other domains only
 * for their import. Shapes and element types are not followed through the graph.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/IR.md">ONNX IR</a>
 */
public final class Checker {
  private static final int MOST_SHOWN = 10;

  private Checker() {}

  /**
   * Checks a model.
   *
   * @param model the model
   * @return every problem found, up to a hundred; empty for a sound model
   */
  public static List<Problem> check(Model model) {
    return ModelCheck.check(model);
  }

  /**
   * Refuses a model that breaks a rule.
   *
   * @param model the model
   * @throws LatheException CHECK_FAILED with the first problems
   */
  public static void require(Model model) {
    List<Problem> problems = check(model);
    if (!problems.isEmpty()) {
      int more = problems.size() - MOST_SHOWN;
      throw new LatheException(
          OnnxError.CHECK_FAILED,
          problems.stream()
              .limit(MOST_SHOWN)
              .map(Problem::toString)
              .collect(Collectors.joining("; ", "", more > 0 ? "; and " + more + " more" : "")));
    }
  }
}
