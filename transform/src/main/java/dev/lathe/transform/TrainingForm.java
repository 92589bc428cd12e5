package dev.lathe.transform;

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
 * @param objective the loss and what it looks at
 * @param data the forward model's inputs that take data
 * @param parameters initial values of what is trained, in the order of the forward model
 * @param statistics initial values of running statistics
 */
record TrainingForm(
    Model model,
    Objective objective,
    List<String> data,
    Map<String, Tensor> parameters,
    Map<String, Tensor> statistics) {
  private static final String BATCH_NORMALIZATION = "BatchNormalization";

  static TrainingForm of(Model forward, Objective objective, Set<String> wanted) {
    Graph graph = forward.graph();
    requireNames(graph, objective, wanted);
    ValueInfo prediction = graph.output(objective.prediction()).orElseThrow();
    Model alone = RemoveDeadNodes.apply(forward.withGraph(graph.withOutputs(List.of(prediction))));
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
    return new TrainingForm(alone.withGraph(open), objective, data, parameters, statistics);
  }

  private static void requireNames(Graph graph, Objective objective, Set<String> wanted) {
    if (graph.output(objective.prediction()).isEmpty()) {
      throw new LatheException(
          TransformError.UNKNOWN_VALUE,
          "prediction \"" + objective.prediction() + "\" (expected: an output of the model)");
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
    List<Node> nodes =
        TrainedDropout.dropping(model.graph(), model.graph().nodes()).stream()
            .map(this::trained)
            .toList();
    Draft draft = Draft.of(model.withGraph(model.graph().withNodes(nodes)));
    List<String> counters = TrainedDropout.counters(nodes);
    counters.forEach(counter -> draft.input(counter, ElementType.INT64, Shape.SCALAR));
    List<Node> all = withLoss(draft, nodes);
    OptimizerParts updates = new OptimizerParts(draft, optimizer);
    Backward backward = Backward.forward(draft, all, TrainingGraphs.LOSS, parameters.keySet());
    backward
        .gradients(TrainingGraphs.LOSS, parameters.keySet())
        .forEach((name, gradient) -> updates.update(name, gradient, parameters.get(name)));
    List<StateSlot> slots = new ArrayList<>(updates.slots());
    statistics.forEach((name, initial) -> slots.add(statisticSlot(name, initial)));
    List<String> outputs = new ArrayList<>();
    outputs.add(TrainingGraphs.LOSS);
    outputs.add(objective.prediction());
    slots.forEach(slot -> outputs.add(slot.output()));
    Model built = RemoveDeadNodes.apply(draft.build(outputs));
    return new StepGraph(built, data, objective.prediction(), slots, updates.scalars(), counters);
  }

  /** Loss and prediction. */
  EvaluationGraph evaluation() {
    Draft draft = Draft.of(model);
    TrainingForms.write(draft, withLoss(draft, TrainedDropout.idle(model.graph().nodes())));
    Model built =
        RemoveDeadNodes.apply(draft.build(List.of(TrainingGraphs.LOSS, objective.prediction())));
    List<String> state = new ArrayList<>(parameters.keySet());
    state.addAll(statistics.keySet());
    return new EvaluationGraph(built, data, objective.prediction(), state);
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

  /** The nodes and the loss after them; target and weights become inputs. */
  private List<Node> withLoss(Draft draft, List<Node> nodes) {
    ValueInfo prediction = typedPrediction();
    Shape shape = prediction.tensorType().shape();
    if (!shape.ranked() || shape.rank() == 0) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          "prediction \"" + prediction.name() + "\": " + shape + " (expected: [N, ...])");
    }
    Shape examples = Shape.of(shape.dims().subList(0, 1));
    String op =
        switch (objective.loss()) {
          case MeanSquaredError _ -> "MeanSquaredError";
          case CrossEntropy _ -> "CrossEntropy";
          case BinaryCrossEntropy _ -> "BinaryCrossEntropy";
        };
    boolean classes = objective.loss() instanceof CrossEntropy;
    draft.input(
        TrainingGraphs.TARGET,
        classes ? ElementType.INT64 : ElementType.FLOAT,
        classes ? places(shape) : shape);
    draft.input(TrainingGraphs.WEIGHTS, ElementType.FLOAT, examples);
    List<String> inputs =
        List.of(objective.prediction(), TrainingGraphs.TARGET, TrainingGraphs.WEIGHTS);
    List<Node> all = new ArrayList<>(nodes);
    all.add(
        Node.of(op, inputs, List.of(TrainingGraphs.LOSS))
            .withDomain(TrainingForms.DOMAIN)
            .withName(TrainingGraphs.LOSS));
    return all;
  }

  /** Where a class is predicted: every axis of the scores but the last. */
  private static Shape places(Shape scores) {
    return Shape.of(scores.dims().subList(0, Math.max(1, scores.rank() - 1)));
  }

  private ValueInfo typedPrediction() {
    String name = objective.prediction();
    return ValueInfo.of(name, InferShapes.apply(model).type(name));
  }
}
