package dev.lathe.onnx.check;

import dev.lathe.ir.Function;
import dev.lathe.ir.Model;
import dev.lathe.onnx.Problem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks a model as a whole: version, operator sets, then its graph and its functions. */
public final class ModelCheck {
  /** The newest version of the format whose messages are known. */
  private static final long NEWEST_IR = 14;

  /** The first version of the format in which a model imports operator sets. */
  private static final long IR_WITH_OPSETS = 3;

  private final Model model;
  private final Problems problems = new Problems();

  private ModelCheck(Model model) {
    this.model = model;
  }

  /**
   * Checks a model.
   *
   * @param model the model
   * @return every problem found, up to a hundred
   */
  public static List<Problem> check(Model model) {
    ModelCheck check = new ModelCheck(model);
    check.header();
    Map<FunctionId, Function> functions = check.functions();
    Opsets opsets = new Opsets(check.opsetsInUse());
    Scope.Rules rules = new Scope.Rules(model.irVersion(), opsets, functions, check.problems);
    new GraphCheck(rules, Set.of()).check(model.graph(), Scope.outermost());
    functions.values().forEach(each -> new FunctionCheck(rules).check(each));
    new Recursion(functions, check.problems).check();
    return check.problems.found();
  }

  private void header() {
    if (model.irVersion() < 1 || model.irVersion() > NEWEST_IR) {
      problems.add(
          "model", "ir_version " + model.irVersion() + " (expected: 1 to " + NEWEST_IR + ")");
    }
    if (model.opsets().isEmpty() && model.irVersion() >= IR_WITH_OPSETS) {
      problems.add("model", "no opset_import (expected: at least one)");
    }
    Opsets.checkVersions("model", model.opsets(), problems);
  }

  private Map<String, Long> opsetsInUse() {
    return model.irVersion() < IR_WITH_OPSETS && model.opsets().isEmpty()
        ? Map.of("", 1L)
        : model.opsets();
  }

  private Map<FunctionId, Function> functions() {
    Map<FunctionId, Function> functions = new LinkedHashMap<>();
    Set<FunctionId> seen = new HashSet<>();
    for (Function function : model.functions()) {
      FunctionId id = FunctionId.of(function);
      if (!seen.add(id)) {
        problems.add(id.describe(), "defined twice");
      }
      functions.put(id, function);
    }
    return functions;
  }
}
