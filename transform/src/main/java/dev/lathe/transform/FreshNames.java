package dev.lathe.transform;

import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import java.util.HashSet;
import java.util.Set;

/** Names of values that a model does not have yet, its bodies of control flow included. */
final class FreshNames {
  private final Set<String> taken = new HashSet<>();

  FreshNames(Model model) {
    take(model.graph());
    model.functions().forEach(function -> function.nodes().forEach(this::take));
  }

  private void take(Graph graph) {
    graph.inputs().forEach(input -> taken.add(input.name()));
    taken.addAll(graph.initializers().keySet());
    taken.addAll(graph.sparseInitializers().keySet());
    graph.nodes().forEach(this::take);
  }

  private void take(Node node) {
    taken.addAll(node.inputs());
    taken.addAll(node.outputs());
    Bodies.of(node).forEach(this::take);
  }

  /** The prefix itself if it is free, else the prefix with a number; taken from now on. */
  String of(String prefix) {
    String name = prefix;
    for (int i = 1; !taken.add(name); i++) {
      name = prefix + "_" + i;
    }
    return name;
  }
}
