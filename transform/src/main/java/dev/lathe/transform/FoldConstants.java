package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.shape.Inference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces nodes whose inputs are all constant by their values. Shapes that inference works out
 * fully count as constant too. Nodes that draw random numbers, have bodies, or would make a large
 * value out of small ones stay.
 */
public final class FoldConstants {
  /** A folded value may be this much larger than what it was made of, in bytes. */
  private static final long GROWTH_LIMIT = 64 * 1024;

  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli",
          "Dropout");

  private final Model model;
  private final Evaluator evaluator;
  private final Inference inference;
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, Tensor> folded = new LinkedHashMap<>();
  private final List<Node> kept = new ArrayList<>();

  private FoldConstants(Model model, Evaluator evaluator) {
    this.model = model;
    this.evaluator = evaluator;
    this.inference = Inference.start(model);
    model
        .graph()
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (model.graph().input(name).isEmpty()) {
                constants.put(name, tensor);
              }
            });
  }

  /**
   * Folds.
   *
   * @param model the model
   * @param evaluator computes single nodes; what it refuses as UNSUPPORTED stays
   * @return a model with fewer nodes, or the same object if nothing folds
   */
  public static Model apply(Model model, Evaluator evaluator) {
    return new FoldConstants(model, evaluator).fold();
  }

  private Model fold() {
    Graph graph = model.graph();
    for (Node node : graph.nodes()) {
      inference.add(node);
      Optional<List<Tensor>> values = value(node);
      if (values.isEmpty()) {
        kept.add(node);
        continue;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.output(i).isEmpty()) {
          constants.put(node.output(i), values.get().get(i));
          folded.put(node.output(i), values.get().get(i));
        }
      }
    }
    if (folded.isEmpty()) {
      return model;
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.putAll(folded);
    return RemoveDeadNodes.apply(
        model.withGraph(graph.withNodes(kept).withInitializers(initializers)));
  }

  private Optional<List<Tensor>> value(Node node) {
    if (RANDOM.contains(node.op()) || hasBody(node)) {
      return Optional.empty();
    }
    if (node.outputs().size() == 1 && node.qualifiedOp().matches("Shape|Size")) {
      return known(node.output(0));
    }
    List<Tensor> inputs = new ArrayList<>();
    long bytes = 0;
    for (String name : node.inputs().stream().filter(input -> !input.isEmpty()).toList()) {
      Tensor tensor = constants.get(name);
      if (tensor == null) {
        return Optional.empty();
      }
      inputs.add(tensor);
      bytes += tensor.byteSize();
    }
    if (node.inputs().isEmpty() && !node.op().equals("Constant")) {
      return Optional.empty();
    }
    return large(node, bytes) ? Optional.empty() : evaluated(node, inputs);
  }

  /** A shape that inference knows, where every size is known. */
  private Optional<List<Tensor>> known(String output) {
    var fact = inference.fact(output);
    return fact.constants()
        .map(
            values ->
                List.of(
                    fact.shape().rank() == 0
                        ? Tensor.scalar(values[0])
                        : Tensor.ofLongs(values, values.length)));
  }

  private boolean large(Node node, long inputBytes) {
    long bytes = 0;
    for (String output : node.outputs()) {
      var fact = inference.fact(output);
      if (fact.shape().isStatic() && fact.element().isFixedWidth()) {
        bytes += fact.element().byteSize(Tensor.sizeOf(fact.shape().sizes()));
      }
    }
    return bytes > inputBytes + GROWTH_LIMIT && !node.op().equals("Constant");
  }

  private Optional<List<Tensor>> evaluated(Node node, List<Tensor> inputs) {
    try {
      long opset = model.opsets().getOrDefault(node.domain(), 1L);
      List<Tensor> outputs = evaluator.evaluate(node, inputs, opset);
      return outputs.size() < node.outputs().size() || !typesFit(node, outputs)
          ? Optional.empty()
          : Optional.of(outputs);
    } catch (LatheException refused) {
      if (refused.kind() != ErrorKind.UNSUPPORTED) {
        throw refused;
      }
      return Optional.empty();
    }
  }

  /** An evaluator that computes in another precision gives other types; those do not fold. */
  private boolean typesFit(Node node, List<Tensor> outputs) {
    for (int i = 0; i < node.outputs().size(); i++) {
      var fact = inference.fact(node.output(i));
      boolean known = fact.element().isFixedWidth();
      if (!node.output(i).isEmpty() && known && fact.element() != outputs.get(i).type()) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasBody(Node node) {
    return node.attributes().values().stream()
        .anyMatch(a -> a instanceof Attribute.OfGraph || a instanceof Attribute.OfGraphs);
  }
}
