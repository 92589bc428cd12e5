package dev.lathe.onnx.check;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import dev.lathe.ir.SparseTensor;
import dev.lathe.onnx.check.Operator.Formals;
import dev.lathe.onnx.codec.AttributeKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks a node: its operator set, operator, number of inputs and outputs, and attributes. */
final class NodeCheck {
  private final Scope.Rules rules;
  private final Problems problems;
  private final Set<String> parameters;
  private final GraphCheck graphs;

  NodeCheck(Scope.Rules rules, Set<String> parameters, GraphCheck graphs) {
    this.rules = rules;
    this.problems = rules.problems();
    this.parameters = parameters;
    this.graphs = graphs;
  }

  void check(String where, Node node, Scope scope) {
    operator(where, node);
    node.attributes()
        .forEach((name, value) -> content(where + ", attribute \"" + name + "\"", value, scope));
    Bodies.check(where, node, problems);
  }

  private void operator(String where, Node node) {
    Function function = rules.functions().get(FunctionId.calledBy(node));
    if (function != null) {
      call(where, node, function);
    }
    long version = rules.opsets().version(node.domain());
    if (version == 0) {
      problems.add(
          where,
          "domain \""
              + (node.domain().isEmpty() ? "ai.onnx" : node.domain())
              + "\" is not imported (expected: an opset_import)");
      return;
    }
    if (function == null && Operators.standard().knows(node.domain())) {
      standard(where, node, version);
    }
  }

  private void call(String where, Node node, Function function) {
    count(
        where,
        "inputs",
        node.inputs().size(),
        new Formals(0, "o".repeat(function.inputs().size())));
    count(
        where,
        "outputs",
        node.outputs().size(),
        new Formals(0, "o".repeat(function.outputs().size())));
    Set<String> known = new HashSet<>(function.attributes());
    known.addAll(function.defaults().keySet());
    for (String name : node.attributes().keySet()) {
      if (!known.contains(name)) {
        problems.add(where, "attribute \"" + name + "\" (expected: one of " + known + ")");
      }
    }
    for (String name : function.attributes()) {
      if (!node.attributes().containsKey(name)) {
        problems.add(where, "attribute \"" + name + "\" is missing; the function has no default");
      }
    }
  }

  private void standard(String where, Node node, long version) {
    Operators table = Operators.standard();
    Optional<Operator> found = table.find(node.domain(), node.op(), version);
    if (found.isEmpty()) {
      String since =
          table
              .firstSince(node.domain(), node.op())
              .map(first -> "; it exists since version " + first)
              .orElse("");
      problems.add(where, "no such operator in version " + version + " of its domain" + since);
      return;
    }
    Operator operator = found.get();
    if (operator.deprecated()) {
      problems.add(where, "deprecated since version " + operator.since() + " of its domain");
      return;
    }
    count(where, "inputs", node.inputs().size(), operator.inputs());
    count(where, "outputs", node.outputs().size(), operator.outputs());
    for (int i = 0; i < node.inputs().size(); i++) {
      if (operator.inputs().isSingle(i) && node.input(i).isEmpty()) {
        problems.add(where, "input " + i + " is omitted (expected: a value)");
      }
    }
    attributes(where, node, operator);
  }

  private void count(String where, String what, int found, Formals expected) {
    if (!expected.accepts(found)) {
      problems.add(where, found + " " + what + " (expected: " + expected + ")");
    }
  }

  /** Names that start with two underscores belong to tools and are let through. */
  private void attributes(String where, Node node, Operator operator) {
    node.attributes()
        .forEach(
            (name, value) -> {
              AttributeKind expected = operator.attributes().get(name);
              AttributeKind found = AttributeKind.of(value);
              if (expected == null && !name.startsWith("__")) {
                problems.add(
                    where,
                    "attribute \""
                        + name
                        + "\" (expected: one of "
                        + operator.attributes().keySet().stream().sorted().toList()
                        + ")");
              } else if (expected != null && found != expected) {
                problems.add(
                    where,
                    "attribute \"" + name + "\" is " + found + " (expected: " + expected + ")");
              }
            });
    operator.required().stream()
        .sorted()
        .filter(name -> !node.attributes().containsKey(name))
        .forEach(name -> problems.add(where, "attribute \"" + name + "\" is missing"));
  }

  private void content(String where, Attribute value, Scope scope) {
    switch (value) {
      case Attribute.OfGraph(Graph graph) -> graphs.check(graph, scope.inner());
      case Attribute.OfGraphs(List<Graph> list) ->
          list.forEach(graph -> graphs.check(graph, scope.inner()));
      case Attribute.OfSparseTensor(SparseTensor tensor) -> graphs.sparse(where, tensor);
      case Attribute.OfSparseTensors(List<SparseTensor> list) ->
          list.forEach(tensor -> graphs.sparse(where, tensor));
      case Attribute.Reference(String name, int _) -> {
        if (!parameters.contains(name)) {
          problems.add(
              where,
              "refers to attribute \"" + name + "\" (expected: one of a function around it)");
        }
      }
      case Attribute.OfFloat _,
          Attribute.OfInt _,
          Attribute.OfString _,
          Attribute.OfTensor _,
          Attribute.OfType _,
          Attribute.OfFloats _,
          Attribute.OfInts _,
          Attribute.OfStrings _,
          Attribute.OfTensors _,
          Attribute.OfTypes _ -> {}
    }
  }
}
