package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Removes nodes and initializers that no output depends on. Bodies of control flow keep what they
 * use of the graph around them.
 */
public final class RemoveDeadNodes {
  private RemoveDeadNodes() {}

  /**
   * Removes.
   *
   * @param model the model
   * @return a model with the same inputs and outputs, or the same object if nothing is dead
   */
  public static Model apply(Model model) {
    Graph graph = model.graph();
    Set<String> used = new HashSet<>();
    graph.outputs().forEach(output -> used.add(output.name()));
    List<Node> alive = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(used::contains)) {
        alive.add(node);
        use(node, used);
      }
    }
    used.remove("");
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    Set<String> replaceable = new HashSet<>();
    graph.inputs().stream().map(ValueInfo::name).forEach(replaceable::add);
    initializers.keySet().removeIf(name -> !used.contains(name) && !replaceable.contains(name));
    boolean unchanged =
        alive.size() == graph.nodes().size() && initializers.size() == graph.initializers().size();
    if (unchanged) {
      return model;
    }
    Collections.reverse(alive);
    Set<String> made = new HashSet<>();
    alive.forEach(node -> made.addAll(node.outputs()));
    List<ValueInfo> values =
        graph.values().stream().filter(value -> made.contains(value.name())).toList();
    return model.withGraph(
        graph.withNodes(alive).withInitializers(initializers).withValues(values));
  }

  private static void use(Node node, Set<String> used) {
    used.addAll(node.inputs());
    for (Attribute attribute : node.attributes().values()) {
      switch (attribute) {
        case Attribute.OfGraph(Graph body) -> use(body, used);
        case Attribute.OfGraphs(List<Graph> bodies) -> bodies.forEach(body -> use(body, used));
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

  /** A body's own names are counted too: that keeps a little more than needed, never less. */
  private static void use(Graph body, Set<String> used) {
    body.nodes().forEach(node -> use(node, used));
    body.outputs().forEach(output -> used.add(output.name()));
  }
}
