package dev.lathe.transform;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.IrError;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.transform.gradient.Algebra;
import dev.lathe.transform.gradient.Draft;
import dev.lathe.transform.gradient.TrainingForms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The losses of a training graph as nodes, each with two outputs: the weighted sum over examples
 * and the sum of the weights.
 */
final class LossNodes {
  /** Keeps a division by a total weight of 0 from making NaN. */
  private static final double LEAST = 1e-30;

  private final Draft draft;
  private final TypedModel forward;
  private final List<Term> terms = new ArrayList<>();
  private final List<String> targets = new ArrayList<>();

  /** An objective and the node of its loss. */
  private record Term(Objective objective, Node node) {}

  /** Adds targets and weights to a draft's inputs. */
  LossNodes(Draft draft, TypedModel forward, List<Objective> objectives) {
    this.draft = draft;
    this.forward = forward;
    for (String name : taken(objectives.size())) {
      if (forward.types().containsKey(name)) {
        throw new LatheException(
            IrError.BAD_NAME, "value \"" + name + "\" of the model (expected: another name)");
      }
    }
    for (Objective objective : objectives) {
      draft.scope(TrainingGraphs.LOSS);
      String total =
          objectives.size() == 1
              ? TrainingGraphs.TOTAL_WEIGHT
              : TrainingGraphs.totalWeight(terms.size());
      terms.add(new Term(objective, node(objective, List.of(draft.fresh(), total))));
    }
  }

  private static List<String> taken(int objectives) {
    List<String> names =
        new ArrayList<>(
            List.of(
                TrainingGraphs.LOSS, TrainingGraphs.TOTAL_WEIGHT, TrainingGraphs.GRADIENT_NORM));
    for (int i = 0; objectives > 1 && i < objectives; i++) {
      names.add(TrainingGraphs.loss(i));
      names.add(TrainingGraphs.totalWeight(i));
    }
    return names;
  }

  /** The nodes, to be written after the forward model's own. */
  List<Node> nodes() {
    return terms.stream().map(Term::node).toList();
  }

  /** Names of the inputs that take targets. */
  List<String> targets() {
    return List.copyOf(targets);
  }

  /** Writes the losses' weighted mean and all that counted; they take their names. */
  void finish() {
    Algebra g = new Algebra(draft);
    draft.scope(TrainingGraphs.LOSS);
    List<String> means = new ArrayList<>();
    for (Term term : terms) {
      String mean = g.div(term.node().output(0), divisor(term));
      if (terms.size() > 1) {
        draft.alias(mean, TrainingGraphs.loss(means.size()));
      }
      means.add(g.mul(mean, term.objective().weight()));
    }
    draft.alias(sum(means), TrainingGraphs.LOSS);
    if (terms.size() > 1) {
      List<String> totals = terms.stream().map(term -> term.node().output(1)).toList();
      draft.alias(sum(totals), TrainingGraphs.TOTAL_WEIGHT);
    }
  }

  /** What the graph says of its losses beside their sum. */
  List<String> readings() {
    List<String> readings = new ArrayList<>(List.of(TrainingGraphs.TOTAL_WEIGHT));
    for (int i = 0; terms.size() > 1 && i < terms.size(); i++) {
      readings.add(TrainingGraphs.loss(i));
      readings.add(TrainingGraphs.totalWeight(i));
    }
    return readings;
  }

  /** What the gradient of each sum is multiplied by, to be the gradient of the mean. */
  Map<String, String> seeds() {
    Algebra g = new Algebra(draft);
    draft.scope("grad/" + TrainingGraphs.LOSS);
    Map<String, String> seeds = new LinkedHashMap<>();
    for (Term term : terms) {
      String divisor = divisor(term);
      String weight = draft.number(term.objective().weight(), divisor);
      seeds.put(term.node().output(0), g.div(weight, divisor));
    }
    return seeds;
  }

  /** What the gradient of each sum is multiplied by, to be part of the sums of several batches. */
  Map<String, String> sumSeeds() {
    Map<String, String> seeds = new LinkedHashMap<>();
    for (Term term : terms) {
      String sum = term.node().output(0);
      seeds.put(sum, draft.number(term.objective().weight(), sum));
    }
    return seeds;
  }

  /**
   * The sum of weights that all objectives share.
   *
   * @throws LatheException UNSUPPORTED_FORM if they count differently: then the sums of several
   *     batches have no common divisor
   */
  String commonTotal() {
    boolean common = terms.size() == 1 || terms.stream().allMatch(this::countsExamples);
    if (!common) {
      throw new LatheException(
          TransformError.UNSUPPORTED_FORM,
          "several batches a step, and several objectives of which one counts places or classes"
              + " (expected: one objective, or objectives that count examples)");
    }
    return terms.getFirst().node().output(1);
  }

  private boolean countsExamples(Term term) {
    return switch (term.objective().loss()) {
      case CrossEntropy entropy ->
          entropy.classWeights().isEmpty()
              && entropy.ignored() == CrossEntropy.NEGATIVE
              && scores(term.objective().prediction()).rank() == 2;
      case Ctc _ -> false;
      case MeanSquaredError _, AbsoluteError _, Huber _, BinaryCrossEntropy _, KullbackLeibler _ ->
          true;
    };
  }

  private String divisor(Term term) {
    return divisor(draft, term.node().output(1));
  }

  /** A sum of weights that can be divided by. */
  static String divisor(Draft draft, String total) {
    return draft.node("Max", total, draft.number(LEAST, total));
  }

  private String sum(List<String> values) {
    return values.size() == 1
        ? values.getFirst()
        : draft.node("Sum", values.toArray(new String[0]));
  }

  private Node node(Objective objective, List<String> outputs) {
    Shape scores = scores(objective.prediction());
    if (terms.isEmpty()) {
      Shape examples = Shape.of(scores.dims().subList(0, 1));
      draft.input(TrainingGraphs.WEIGHTS, ElementType.FLOAT, examples);
    }
    target(objective, scores);
    List<String> inputs = new ArrayList<>();
    inputs.add(objective.prediction());
    inputs.add(objective.target());
    inputs.add(TrainingGraphs.WEIGHTS);
    perClass(objective.loss(), scores).ifPresent(inputs::add);
    return Node.of(op(objective.loss()), inputs, outputs)
        .withDomain(TrainingForms.DOMAIN)
        .withAttributes(attributes(objective.loss()))
        .withName(terms.isEmpty() ? TrainingGraphs.LOSS : TrainingGraphs.LOSS + terms.size());
  }

  private Shape scores(String prediction) {
    ValueInfo info = ValueInfo.of(prediction, forward.type(prediction));
    Shape shape = info.tensorType().shape();
    if (!shape.ranked() || shape.rank() == 0) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          "prediction \"" + prediction + "\": " + shape + " (expected: [N, ...])");
    }
    return shape;
  }

  private void target(Objective objective, Shape scores) {
    ElementType element =
        objective.loss() instanceof CrossEntropy ? ElementType.INT64 : ElementType.FLOAT;
    Shape shape =
        switch (objective.loss()) {
          case CrossEntropy _ -> places(scores);
          case Ctc _ -> Shape.of(List.of(scores.dim(0), Dim.of(objective.target() + "/labels")));
          case MeanSquaredError _,
              AbsoluteError _,
              Huber _,
              BinaryCrossEntropy _,
              KullbackLeibler _ ->
              scores;
        };
    String name = objective.target();
    if (!targets.contains(name)) {
      targets.add(draft.input(name, element, shape));
    } else if (draft.fact(name).element() != element) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          "target \"" + name + "\": wanted as " + element + " and as another type (expected: one)");
    }
  }

  /** Where a class is predicted: every axis of the scores but the last. */
  private static Shape places(Shape scores) {
    return Shape.of(scores.dims().subList(0, Math.max(1, scores.rank() - 1)));
  }

  private static String op(Loss loss) {
    return switch (loss) {
      case MeanSquaredError _ -> "MeanSquaredError";
      case AbsoluteError _ -> "AbsoluteError";
      case Huber _ -> "Huber";
      case CrossEntropy _ -> "CrossEntropy";
      case BinaryCrossEntropy _ -> "BinaryCrossEntropy";
      case KullbackLeibler _ -> "KullbackLeibler";
      case Ctc _ -> "Ctc";
    };
  }

  private static Map<String, Attribute> attributes(Loss loss) {
    return switch (loss) {
      case Huber huber ->
          Map.of(
              "delta", Attribute.of((float) huber.delta()),
              "scale", Attribute.of((float) huber.scale()));
      case CrossEntropy entropy -> {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("smoothing", Attribute.of((float) entropy.smoothing()));
        attributes.put("focus", Attribute.of((float) entropy.focus()));
        if (entropy.ignored() != CrossEntropy.NEGATIVE) {
          attributes.put("ignored", Attribute.of(entropy.ignored()));
        }
        yield attributes;
      }
      case Ctc ctc -> Map.of("blank", Attribute.of(ctc.blank()));
      case MeanSquaredError _, AbsoluteError _, BinaryCrossEntropy _, KullbackLeibler _ -> Map.of();
    };
  }

  /** Weights along the last axis, if the loss has any. */
  private Optional<String> perClass(Loss loss, Shape scores) {
    List<Double> weights =
        switch (loss) {
          case CrossEntropy entropy -> entropy.classWeights();
          case BinaryCrossEntropy binary -> binary.positiveWeights();
          case MeanSquaredError _, AbsoluteError _, Huber _, KullbackLeibler _, Ctc _ -> List.of();
        };
    if (weights.isEmpty()) {
      return Optional.empty();
    }
    long classes = scores.dim(scores.rank() - 1).sizeOrMinusOne();
    if (classes != weights.size()) {
      throw new LatheException(
          TransformError.BAD_SETTING,
          weights.size()
              + " weights of classes (expected: "
              + classes
              + ", as scores "
              + scores
              + ")");
    }
    double[] values = weights.stream().mapToDouble(Double::doubleValue).toArray();
    return Optional.of(
        draft.constant("class_weights", Tensor.ofValues(ElementType.FLOAT, values, values.length)));
  }
}
