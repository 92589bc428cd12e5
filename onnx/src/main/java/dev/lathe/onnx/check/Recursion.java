package dev.lathe.onnx.check;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Function;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds functions that call themselves, directly or through others: removes functions that call
 * none of the rest until nothing changes; what is left calls in a circle or calls one that does.
 */
final class Recursion {
  private final Map<FunctionId, Function> functions;
  private final Problems problems;

  Recursion(Map<FunctionId, Function> functions, Problems problems) {
    this.functions = functions;
    this.problems = problems;
  }

  void check() {
    Map<FunctionId, Set<FunctionId>> callees = new HashMap<>();
    Map<FunctionId, Set<FunctionId>> callers = new HashMap<>();
    functions.forEach(
        (id, function) -> {
          Set<FunctionId> called = new LinkedHashSet<>();
          calls(function.nodes(), called);
          callees.put(id, called);
          called.forEach(each -> callers.computeIfAbsent(each, _ -> new HashSet<>()).add(id));
        });
    ArrayDeque<FunctionId> leaves = new ArrayDeque<>();
    callees.forEach(
        (id, called) -> {
          if (called.isEmpty()) {
            leaves.add(id);
          }
        });
    while (!leaves.isEmpty()) {
      FunctionId leaf = leaves.remove();
      callees.remove(leaf);
      for (FunctionId caller : callers.getOrDefault(leaf, Set.of())) {
        Set<FunctionId> rest = callees.getOrDefault(caller, new HashSet<>());
        if (rest.remove(leaf) && rest.isEmpty()) {
          leaves.add(caller);
        }
      }
    }
    functions.keySet().stream()
        .filter(callees::containsKey)
        .forEach(
            id ->
                problems.add(
                    id.describe(),
                    "calls itself by way of "
                        + callees.get(id).iterator().next().describe()
                        + " (expected: no recursion)"));
  }

  private void calls(List<Node> nodes, Set<FunctionId> to) {
    for (Node node : nodes) {
      FunctionId id = FunctionId.calledBy(node);
      if (functions.containsKey(id)) {
        to.add(id);
      }
      for (Attribute attribute : node.attributes().values()) {
        switch (attribute) {
          case Attribute.OfGraph(Graph graph) -> calls(graph.nodes(), to);
          case Attribute.OfGraphs(List<Graph> graphs) ->
              graphs.forEach(graph -> calls(graph.nodes(), to));
          case Attribute.OfFloat _,
              Attribute.OfInt _,
              Attribute.OfString _,
              Attribute.OfTensor _,
              Attribute.OfSparseTensor _,
              Attribute.OfType _,
              Attribute.OfFloats _,
              Attribute.OfInts _,
              Attribute.OfStrings _,
              Attribute.OfTensors _,
              Attribute.OfSparseTensors _,
              Attribute.OfTypes _,
              Attribute.Reference _ -> {}
        }
      }
    }
  }
}
