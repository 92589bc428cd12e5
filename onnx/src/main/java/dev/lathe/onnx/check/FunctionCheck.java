package dev.lathe.onnx.check;

import dev.lathe.ir.Function;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks a function's head, and its body under its own operator sets. */
final class FunctionCheck {
  private final Scope.Rules rules;
  private final Problems problems;

  FunctionCheck(Scope.Rules rules) {
    this.rules = rules;
    this.problems = rules.problems();
  }

  void check(Function function) {
    String where = FunctionId.of(function).describe();
    if (function.name().isEmpty()) {
      problems.add(where, "has no name");
    }
    Opsets.checkVersions(where, function.opsets(), problems);
    unique(where, "input", function.inputs());
    unique(where, "output", function.outputs());
    Set<String> parameters = new HashSet<>(function.attributes());
    parameters.addAll(function.defaults().keySet());
    if (parameters.size() < function.attributes().size() + function.defaults().size()) {
      problems.add(where, "an attribute stands twice, or with and without a default");
    }
    Scope scope = Scope.outermost();
    function.inputs().forEach(input -> scope.define(input, "an input"));
    Scope.Rules own = rules.with(new Opsets(function.opsets()));
    new GraphCheck(own, parameters).nodes(where, function.nodes(), scope);
    for (String output : function.outputs()) {
      if (scope.maker(output).isEmpty()) {
        problems.add(where, "output \"" + output + "\" is made by nothing (expected: a node)");
      }
    }
  }

  private void unique(String where, String what, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        problems.add(where, what + " \"" + name + "\" stands twice");
      }
    }
  }
}
