package dev.lathe.transform.rewrite;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.transform.RemoveDeadNodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Applies rules until none applies. Owns the iteration: rounds are limited, outputs of the graph
 * keep their names, graphs with bodies of control flow stay as they are.
 */
public final class Rewriter {
  private static final int ROUNDS = 16;

  private final List<Rule> rules;

  /**
   * A rewriter.
   *
   * @param rules rules in order of preference
   */
  public Rewriter(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Rewrites.
   *
   * @param model the model
   * @return a model that computes the same, or the same object if no rule applies
   */
  public Model apply(Model model) {
    if (hasBodies(model.graph())) {
      return model;
    }
    Model current = model;
    for (int round = 0; round < ROUNDS; round++) {
      Model next = once(current);
      if (next == current) {
        break;
      }
      current = next;
    }
    return current;
  }

  private static boolean hasBodies(Graph graph) {
    return graph.nodes().stream()
        .flatMap(node -> node.attributes().values().stream())
        .anyMatch(a -> a instanceof Attribute.OfGraph || a instanceof Attribute.OfGraphs);
  }

  private Model once(Model model) {
    Surroundings surroundings = Surroundings.of(model);
    Map<String, String> bypassed = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    boolean changed = false;
    for (Node node : model.graph().nodes()) {
      Optional<Rule.Change> change = change(node, surroundings);
      changed |= change.isPresent();
      if (change.isEmpty()) {
        nodes.add(reading(node, bypassed));
        continue;
      }
      switch (change.get()) {
        case Rule.Change.Bypass(String value) ->
            bypassed.put(node.output(0), bypassed.getOrDefault(value, value));
        case Rule.Change.Replace(Node other) -> nodes.add(reading(other, bypassed));
        case Rule.Change.ReplaceByTwo(Node first, Node second) -> {
          nodes.add(reading(first, bypassed));
          nodes.add(reading(second, bypassed));
        }
      }
    }
    return changed ? RemoveDeadNodes.apply(model.withGraph(model.graph().withNodes(nodes))) : model;
  }

  private Optional<Rule.Change> change(Node node, Surroundings surroundings) {
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    for (Rule rule : rules) {
      if (rule.operators().contains(node.op())) {
        Optional<Rule.Change> change = rule.apply(node, surroundings);
        boolean keepsName =
            change.isPresent()
                && (!(change.get() instanceof Rule.Change.Bypass)
                    || !surroundings.isOutput(node.output(0)));
        if (keepsName) {
          return change;
        }
      }
    }
    return Optional.empty();
  }

  private static Node reading(Node node, Map<String, String> bypassed) {
    return node.inputs().stream().anyMatch(bypassed::containsKey)
        ? node.withInputs(
            node.inputs().stream().map(value -> bypassed.getOrDefault(value, value)).toList())
        : node;
  }
}
