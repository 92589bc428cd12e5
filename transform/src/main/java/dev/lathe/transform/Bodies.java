package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The graphs that nodes of control flow hold. */
final class Bodies {
  private Bodies() {}

  static List<Graph> of(Node node) {
    return node.attributes().values().stream().flatMap(Bodies::of).toList();
  }

  private static Stream<Graph> of(Attribute attribute) {
    return attribute instanceof Attribute.OfGraph(Graph body)
        ? Stream.of(body)
        : attribute instanceof Attribute.OfGraphs(List<Graph> bodies)
            ? bodies.stream()
            : Stream.of();
  }

  /** The node with each of its bodies changed; the node itself if it has none. */
  static Node map(Node node, UnaryOperator<Graph> change) {
    if (of(node).isEmpty()) {
      return node;
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
    attributes.replaceAll(
        (_, value) ->
            value instanceof Attribute.OfGraph(Graph body)
                ? new Attribute.OfGraph(change.apply(body))
                : value instanceof Attribute.OfGraphs(List<Graph> bodies)
                    ? new Attribute.OfGraphs(bodies.stream().map(change).toList())
                    : value);
    return node.withAttributes(attributes);
  }
}
