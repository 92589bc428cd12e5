package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.gradient.TrainingForms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Dropout nodes of a forward model, as a step and as an evaluation have them. */
final class TrainedDropout {
  private static final String DROPOUT = "Dropout";

  private TrainedDropout() {}

  /** Nodes that drop, each by a stream of its own, in place of those that may or may not. */
  static List<Node> dropping(Graph graph, List<Node> nodes) {
    List<Node> all = new ArrayList<>();
    long stream = 0;
    for (Node node : nodes) {
      if (!node.qualifiedOp().equals(DROPOUT)) {
        all.add(node);
        continue;
      }
      float ratio = ratio(graph, node);
      Node drop =
          Node.of(
                  DROPOUT,
                  List.of(node.input(0), TrainingGraphs.SEED, TrainingGraphs.STEP),
                  List.of(node.output(0), node.output(1)))
              .withDomain(TrainingForms.DOMAIN)
              .withName(node.name())
              .with("ratio", Attribute.of(ratio))
              .with("stream", Attribute.of(stream++));
      all.add(ratio == 0 ? idle(node) : drop);
    }
    return all;
  }

  /** Nodes that keep everything. */
  static List<Node> idle(List<Node> nodes) {
    return nodes.stream()
        .map(node -> node.qualifiedOp().equals(DROPOUT) ? idle(node) : node)
        .toList();
  }

  private static Node idle(Node node) {
    return node.withInputs(node.inputs().subList(0, Math.min(2, node.inputs().size())));
  }

  /** The inputs that nodes that drop need. */
  static List<String> counters(List<Node> nodes) {
    boolean drops =
        nodes.stream().anyMatch(n -> n.domain().equals(TrainingForms.DOMAIN) && isDropout(n));
    return drops ? List.of(TrainingGraphs.SEED, TrainingGraphs.STEP) : List.of();
  }

  private static boolean isDropout(Node node) {
    return node.op().equals(DROPOUT);
  }

  private static float ratio(Graph graph, Node node) {
    if (node.input(1).isEmpty()) {
      return requireRatio(node, node.floatAttribute("ratio", 0.5f));
    }
    float value =
        constant(graph, node.input(1))
            .orElseThrow(
                () ->
                    new LatheException(
                        TransformError.UNSUPPORTED_FORM,
                        node.describe()
                            + ": ratio \""
                            + node.input(1)
                            + "\" (expected: a constant of one number)"));
    return requireRatio(node, value);
  }

  private static Optional<Float> constant(Graph graph, String name) {
    if (graph.initializers().containsKey(name)) {
      return single(graph.initializers().get(name));
    }
    return graph.nodes().stream()
        .filter(node -> node.qualifiedOp().equals("Constant") && node.output(0).equals(name))
        .flatMap(node -> node.attributes().values().stream())
        .flatMap(value -> number(value).stream())
        .findFirst();
  }

  private static Optional<Float> number(Attribute value) {
    return switch (value) {
      case Attribute.OfTensor(Tensor tensor) -> single(tensor);
      case Attribute.OfFloat(float number) -> Optional.of(number);
      case Attribute.OfFloats(List<Float> numbers) when numbers.size() == 1 ->
          Optional.of(numbers.getFirst());
      case Attribute _ -> Optional.empty();
    };
  }

  private static Optional<Float> single(Tensor tensor) {
    return tensor.size() == 1 ? Optional.of((float) tensor.doubleAt(0)) : Optional.empty();
  }

  private static float requireRatio(Node node, float ratio) {
    if (!(ratio >= 0 && ratio < 1)) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          node.describe() + ": ratio " + ratio + " (expected: 0 to below 1)");
    }
    return ratio;
  }
}
