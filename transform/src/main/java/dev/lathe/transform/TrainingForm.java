package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.gradient.Draft;
import dev.lathe.transform.gradient.TrainingForms;
import dev.lathe.transform.rewrite.PoolBeforeRelu;
import dev.lathe.transform.rewrite.Rewriter;
import dev.lathe.transform.rewrite.SplitPieces;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A forward model made ready for training: only what its prediction needs, parameters and running
 * statistics as inputs.
 *
 * @param model the model; its nodes are the forward model's own
 * @param objectives the losses and what they look at
 * @param data the forward model's inputs that take data
 * @param parameters initial values of what is trained, in the order of the forward model
 * @param statistics initial values of running statistics
 */
record TrainingForm(
    Model model,
    List<Objective> objectives,
    List<String> data,
    Map<String, Tensor> parameters,
    Map<String, Tensor> statistics) {
  private static final Rewriter FOR_STEPS = new Rewriter(List.of(new PoolBeforeRelu()));
  private static final String BATCH_NORMALIZATION = "BatchNormalization";

  static TrainingForm of(Model forward, List<Objective> objectives, Set<String> wanted) {
    Graph graph = forward.graph();
    requireNames(graph, objectives, wanted);
    List<ValueInfo> predictions =
        predictions(objectives).stream().map(name -> graph.output(name).orElseThrow()).toList();
    Model alone = RemoveDeadNodes.apply(forward.withGraph(graph.withOutputs(predictions)));
    Map<String, Tensor> fixed = new LinkedHashMap<>(graph.initializers());
    fixed.keySet().retainAll(alone.graph().initializers().keySet());
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    Map<String, Tensor> statistics = new LinkedHashMap<>();
    graph
        .initializers()
        .forEach(
            (name, tensor) -> {
              if (wanted.contains(name)) {
                parameters.put(name, tensor);
              }
            });
    for (Node node : alone.graph().nodes()) {
      if (normalizesBatch(node, wanted)) {
        statistics.put(node.input(3), statistic(fixed, node, 3));
        statistics.put(node.input(4), statistic(fixed, node, 4));
      }
    }
    fixed.keySet().removeAll(parameters.keySet());
    fixed.keySet().removeAll(statistics.keySet());
    List<ValueInfo> inputs = new ArrayList<>(graph.requiredInputs());
    List<String> data = inputs.stream().map(ValueInfo::name).toList();
    parameters.forEach((name, tensor) -> inputs.add(ValueInfo.of(name, tensor.tensorType())));
    statistics.forEach((name, tensor) -> inputs.add(ValueInfo.of(name, tensor.tensorType())));
    Graph open = alone.graph().withInputs(inputs).withInitializers(fixed);
    return new TrainingForm(alone.withGraph(open), objectives, data, parameters, statistics);
  }

  private static List<String> predictions(List<Objective> objectives) {
    return objectives.stream().map(Objective::prediction).distinct().toList();
  }

  private static void requireNames(Graph graph, List<Objective> objectives, Set<String> wanted) {
    if (objectives.isEmpty()) {
      throw new LatheException(TransformError.BAD_SETTING, "no objective (expected: one at least)");
    }
    for (String prediction : predictions(objectives)) {
      if (graph.output(prediction).isEmpty()) {
        throw new LatheException(
            TransformError.UNKNOWN_VALUE,
            "prediction \"" + prediction + "\" (expected: an output of the model)");
      }
    }
    for (String name : new TreeSet<>(wanted)) {
      Tensor tensor = graph.initializers().get(name);
      if (tensor == null) {
        throw new LatheException(
            TransformError.UNKNOWN_VALUE,
            "parameter \"" + name + "\" (expected: an initializer of the model)");
      }
      if (tensor.type() != ElementType.FLOAT) {
        throw new LatheException(
            TransformError.UNSUPPORTED_FORM,
            "parameter \""
                + name
                + "\": "
                + tensor
                + " (expected: FLOAT; train the model before it is made smaller)");
      }
    }
  }

  private static boolean normalizesBatch(Node node, Set<String> trained) {
    return node.qualifiedOp().equals(BATCH_NORMALIZATION)
        && (trained.contains(node.input(1)) || trained.contains(node.input(2)));
  }

  private static Tensor statistic(Map<String, Tensor> fixed, Node node, int input) {
    Tensor tensor = fixed.get(node.input(input));
    if (tensor == null) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          node.describe() + ": input \"" + node.input(input) + "\" (expected: an initializer)");
    }
    return tensor;
  }

  /** The model with the nodes that a step has. */
  Model trained() {
    Graph forward = SplitPieces.apply(FOR_STEPS.apply(model)).graph();
    List<Node> nodes = TrainedDropout.dropping(forward, forward.nodes());
    return model.withGraph(forward.withNodes(updating(nodes)));
  }

  /** The losses, to be written to a draft of the model. */
  LossNodes losses(Draft draft) {
    return new LossNodes(draft, InferShapes.apply(model), objectives);
  }

  /** What the losses look at, each once. */
  List<String> predictions() {
    return predictions(objectives);
  }

  /** Slots of the running statistics. */
  List<StateSlot> statisticSlots() {
    return statistics.entrySet().stream()
        .map(
            entry ->
                new StateSlot(
                    StateSlot.Kind.STATISTIC,
                    entry.getKey(),
                    entry.getKey(),
                    "next/" + entry.getKey(),
                    entry.getValue()))
        .toList();
  }

  /** Loss and predictions. */
  EvaluationGraph evaluation() {
    Draft draft = Draft.of(model);
    LossNodes losses = losses(draft);
    List<Node> nodes = new ArrayList<>(TrainedDropout.idle(model.graph().nodes()));
    nodes.addAll(losses.nodes());
    TrainingForms.write(draft, nodes);
    losses.finish();
    List<String> outputs = new ArrayList<>(List.of(TrainingGraphs.LOSS));
    outputs.addAll(losses.readings());
    outputs.addAll(predictions());
    Model built = RemoveDeadNodes.apply(draft.build(outputs));
    List<String> state = new ArrayList<>(parameters.keySet());
    state.addAll(statistics.keySet());
    return new EvaluationGraph(built, data, losses.targets(), predictions(), state);
  }

  /**
   * Nodes that normalize by the batch and update their running statistics; where several share
   * them, each moves on what the one before it has made.
   */
  private List<Node> updating(List<Node> nodes) {
    Map<String, Integer> uses = new HashMap<>();
    nodes.stream()
        .filter(node -> normalizesBatch(node, parameters.keySet()))
        .flatMap(node -> node.inputs().subList(3, 5).stream())
        .forEach(name -> uses.merge(name, 1, Integer::sum));
    Map<String, String> latest = new HashMap<>();
    List<Node> updating = new ArrayList<>();
    for (Node node : nodes) {
      if (!normalizesBatch(node, parameters.keySet())) {
        updating.add(node);
        continue;
      }
      List<String> inputs = new ArrayList<>(node.inputs());
      List<String> outputs = new ArrayList<>(List.of(node.output(0)));
      for (int at = 3; at < 5; at++) {
        String name = node.input(at);
        int left = uses.merge(name, -1, Integer::sum);
        inputs.set(at, latest.getOrDefault(name, name));
        outputs.add(left == 0 ? "next/" + name : "next/" + left + "/" + name);
        latest.put(name, outputs.getLast());
      }
      updating.add(node.withDomain(TrainingForms.DOMAIN).withInputs(inputs).withOutputs(outputs));
    }
    return updating;
  }
}
