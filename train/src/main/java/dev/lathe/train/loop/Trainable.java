package dev.lathe.train.loop;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.train.TrainError;
import dev.lathe.transform.GradientPaths;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which constants of somebody's model are weights.
 *
 * @param model the model; its weights are initializers
 * @param parameters their names
 */
record Trainable(Model model, Set<String> parameters) {
  /** A constant with an element of this size or more, or an infinite one, is a mask. */
  private static final double HUGE = 1e4;

  /**
   * Initializers of type FLOAT at which gradients arrive, but for single numbers without an axis,
   * running statistics, and masks. Where there are none, constants that nodes give take their
   * place.
   *
   * @param file where the model is from
   * @param model the model
   * @param predictions the scores that losses look at
   * @throws LatheException UNSUPPORTED_MODEL if there are no weights, naming what is close to one
   */
  static Trainable of(Path file, Model model, List<String> predictions) {
    Set<String> reached = GradientPaths.arriving(model, predictions);
    Set<String> weights = weights(model.graph(), reached);
    if (!weights.isEmpty()) {
      return new Trainable(model, weights);
    }
    Model lifted = model.withGraph(lifted(model.graph(), reached));
    weights = weights(lifted.graph(), reached);
    if (weights.isEmpty()) {
      throw noWeights(file, lifted.graph(), reached);
    }
    return new Trainable(lifted, weights);
  }

  /** Running means and variances. */
  static Set<String> statistics(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.qualifiedOp().equals("BatchNormalization"))
        .flatMap(node -> List.of(node.input(3), node.input(4)).stream())
        .collect(Collectors.toSet());
  }

  private static Set<String> weights(Graph graph, Set<String> reached) {
    Set<String> statistics = statistics(graph);
    return graph.initializers().entrySet().stream()
        .filter(entry -> reached.contains(entry.getKey()))
        .filter(entry -> !statistics.contains(entry.getKey()))
        .filter(entry -> isMatrix(entry.getValue()) && !isHuge(entry.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A graph whose constants of type FLOAT with an axis are initializers. */
  private static Graph lifted(Graph graph, Set<String> reached) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Optional<Tensor> constant =
          constant(node).filter(tensor -> isMatrix(tensor) && reached.contains(node.output(0)));
      constant.ifPresentOrElse(
          tensor -> initializers.put(node.output(0), tensor), () -> nodes.add(node));
    }
    return graph.withNodes(nodes).withInitializers(initializers);
  }

  private static Optional<Tensor> constant(Node node) {
    return node.qualifiedOp().equals("Constant")
            && node.attributes().get("value") instanceof Attribute.OfTensor(Tensor tensor)
        ? Optional.of(tensor)
        : Optional.empty();
  }

  private static boolean isMatrix(Tensor tensor) {
    return tensor.type() == ElementType.FLOAT && tensor.rank() > 0;
  }

  private static boolean isHuge(Tensor tensor) {
    for (long i = 0; i < tensor.size(); i++) {
      if (!(Math.abs(tensor.doubleAt(i)) < HUGE)) {
        return true;
      }
    }
    return false;
  }

  private static LatheException noWeights(Path file, Graph graph, Set<String> reached) {
    Set<String> found = new TreeSet<>();
    graph
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (reached.contains(name)) {
                boolean huge = isMatrix(tensor) && isHuge(tensor);
                found.add(
                    "\"" + name + "\" " + tensor + (huge ? " with elements of 1e4 or more" : ""));
              }
            });
    return new LatheException(
        TrainError.UNSUPPORTED_MODEL,
        "base "
            + file
            + ": no weights among constants that the scores depend on, "
            + found.stream().limit(8).toList()
            + " (expected: one of type FLOAT with an axis, all elements below 1e4)");
  }
}
