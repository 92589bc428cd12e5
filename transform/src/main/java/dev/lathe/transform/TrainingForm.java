package dev.lathe.transform;

import static java.util.stream.Collectors.toSet;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.gradient.Backward;
import dev.lathe.transform.gradient.Draft;
import dev.lathe.transform.gradient.TrainingForms;
import dev.lathe.transform.rewrite.PoolBeforeRelu;
import dev.lathe.transform.rewrite.Rewriter;
import java.util.ArrayList;
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
            "parameter \"" + name + "\": " + tensor + " (expected: FLOAT)");
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

  /** One step: forward, loss, gradients, update. */
  StepGraph step(Optimizer optimizer) {
    Graph forward = FOR_STEPS.apply(model).graph();
    List<Node> nodes =
        new ArrayList<>(
            TrainedDropout.dropping(forward, forward.nodes()).stream().map(this::trained).toList());
    Draft draft = Draft.of(model.withGraph(forward.withNodes(nodes)));
    List<String> counters = TrainedDropout.counters(nodes);
    counters.forEach(counter -> draft.input(counter, ElementType.INT64, Shape.SCALAR));
    LossNodes losses = losses(draft);
    nodes.addAll(losses.nodes());
    OptimizerParts updates = new OptimizerParts(draft, optimizer);
    Set<String> sums = losses.nodes().stream().map(node -> node.output(0)).collect(toSet());
    Backward backward = Backward.forward(draft, nodes, sums, parameters.keySet());
    losses.finish();
    backward
        .gradients(losses.seeds(), parameters.keySet())
        .forEach((name, gradient) -> updates.update(name, gradient, parameters.get(name)));
    List<StateSlot> slots = new ArrayList<>(updates.slots());
    statistics.forEach((name, initial) -> slots.add(statisticSlot(name, initial)));
    List<String> outputs = answers();
    slots.forEach(slot -> outputs.add(slot.output()));
    Model built = RemoveDeadNodes.apply(draft.build(outputs));
    return new StepGraph(
        built,
        data,
        losses.targets(),
        predictions(objectives),
        slots,
        updates.scalars(),
        counters,
        List.of(TrainingGraphs.TOTAL_WEIGHT));
  }

  /** Loss and prediction. */
  EvaluationGraph evaluation() {
    Draft draft = Draft.of(model);
    LossNodes losses = losses(draft);
    List<Node> nodes = new ArrayList<>(TrainedDropout.idle(model.graph().nodes()));
    nodes.addAll(losses.nodes());
    TrainingForms.write(draft, nodes);
    losses.finish();
    Model built = RemoveDeadNodes.apply(draft.build(answers()));
    List<String> state = new ArrayList<>(parameters.keySet());
    state.addAll(statistics.keySet());
    return new EvaluationGraph(built, data, losses.targets(), predictions(objectives), state);
  }

  private LossNodes losses(Draft draft) {
    return new LossNodes(draft, InferShapes.apply(model), objectives);
  }

  private List<String> answers() {
    List<String> outputs = new ArrayList<>();
    outputs.add(TrainingGraphs.LOSS);
    outputs.add(TrainingGraphs.TOTAL_WEIGHT);
    outputs.addAll(predictions(objectives));
    return outputs;
  }

  private static StateSlot statisticSlot(String name, Tensor initial) {
    return new StateSlot(StateSlot.Kind.STATISTIC, name, name, "next/" + name, initial);
  }

  private Node trained(Node node) {
    if (!normalizesBatch(node, parameters.keySet())) {
      return node;
    }
    return node.withDomain(TrainingForms.DOMAIN)
        .withOutputs(List.of(node.output(0), "next/" + node.input(3), "next/" + node.input(4)));
  }
}
