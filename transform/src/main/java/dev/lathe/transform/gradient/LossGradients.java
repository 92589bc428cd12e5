package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.TransformError;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Losses that are means over the features of an example. Inputs of each: prediction [N, ...],
 * target of the same shape, weights [N]. Outputs: the weighted sum of the examples' losses [], the
 * sum of the weights [] through which no gradient passes, then what the way back reads. The caller
 * divides one by the other, so that the sums of several batches can be added up first.
 */
final class LossGradients {
  /**
   * One of them.
   *
   * @param value the loss of each element, first, and what the slope reads
   * @param slope its derivative by the prediction, element by element
   * @param features over which of an example's axes it is a mean
   */
  private record Rule(Value value, Slope slope, Features features) {}

  /** Writes the loss of each element. */
  private interface Value {
    List<String> write(Algebra g, Node node);
  }

  /** Writes the derivative of each element's loss. */
  private interface Slope {
    String write(Algebra g, Reverse r);
  }

  /** What a loss does with the axes of an example. */
  private enum Features {
    /** A mean over all. */
    MEAN,
    /** A sum over the last, a mean over the others. */
    LAST_SUMMED
  }

  private static final Map<String, Rule> TABLE =
      Map.of(
          "MeanSquaredError",
          new Rule(LossGradients::squared, (g, r) -> g.mul(r.out(2), 2), Features.MEAN),
          "AbsoluteError",
          new Rule(LossGradients::absolute, (g, r) -> g.node("Sign", r.out(2)), Features.MEAN),
          "Huber",
          new Rule(LossGradients::huber, (g, r) -> g.mul(r.out(2), scale(r.node())), Features.MEAN),
          "BinaryCrossEntropy",
          new Rule(LossGradients::binary, LossGradients::binarySlope, Features.MEAN),
          "KullbackLeibler",
          new Rule(
              LossGradients::divergence, LossGradients::divergenceSlope, Features.LAST_SUMMED));

  private LossGradients() {}

  /** Spells out a loss of the table. */
  static Node form(Algebra g, Node node) {
    Rule rule = TABLE.get(node.op());
    requireExamples(g, node);
    List<String> made = rule.value().write(g, node);
    String elements = made.getFirst();
    int rank = g.draft().shape(elements).rank();
    String examples = g.div(g.sum(elements, 0, axes(rank)), features(g, elements, rule));
    String sum = g.sum(g.mul(examples, node.input(2)), 0, 0);
    return finish(g, node, List.of(sum, g.sum(node.input(2), 0, 0)), made.subList(1, made.size()));
  }

  /** The gradient of a loss of the table. */
  static void rule(Algebra g, Reverse r) {
    Rule rule = TABLE.get(r.node().op());
    r.give(
        0,
        () -> {
          int rank = r.rank(0);
          long[] column = IntStream.range(0, rank).mapToLong(i -> i == 0 ? -1 : 1).toArray();
          String weights = g.mul(g.reshape(r.in(2), column), r.dy());
          String slope = rule.slope().write(g, r);
          return g.mul(slope, g.div(weights, features(g, r.x(), rule)));
        });
  }

  /** Gives the sums a node's own names and adds what the way back reads. */
  static Node finish(Algebra g, Node node, List<String> sums, List<String> saved) {
    TrainingForms.name(g, node, 0, sums.getFirst());
    TrainingForms.name(g, node, 1, sums.getLast());
    return TrainingForms.saving(node, saved);
  }

  /** All axes but the first. */
  private static long[] axes(int rank) {
    return IntStream.range(1, rank).mapToLong(i -> i).toArray();
  }

  /** How many elements of an example share its weight. */
  private static String features(Algebra g, String elements, Rule rule) {
    int rank = g.draft().shape(elements).rank();
    int end = rule.features() == Features.LAST_SUMMED ? rank - 1 : rank;
    return g.count(elements, elements, axes(Math.max(1, end)));
  }

  private static List<String> squared(Algebra g, Node node) {
    String error = g.sub(node.input(0), node.input(1));
    return List.of(g.square(error), error);
  }

  private static List<String> absolute(Algebra g, Node node) {
    String error = g.sub(node.input(0), node.input(1));
    return List.of(g.node("Abs", error), error);
  }

  /** {@code c·(e - c/2)} with {@code c} the error within ±δ, whose slope is {@code c}. */
  private static List<String> huber(Algebra g, Node node) {
    double delta = node.floatAttribute("delta", 1);
    String error = g.sub(node.input(0), node.input(1));
    String low = g.draft().number(-delta, error);
    String within = g.node("Clip", error, low, g.draft().number(delta, error));
    String value = g.mul(within, g.sub(error, g.mul(within, 0.5)));
    return List.of(g.mul(value, scale(node)), within);
  }

  private static double scale(Node node) {
    return node.floatAttribute("scale", 1);
  }

  /**
   * {@code (1-t)·x + c·(max(-x, 0) + log(1 + exp(-|x|)))} with {@code c = 1 - t + π·t}, where π
   * weighs what is positive.
   */
  private static List<String> binary(Algebra g, Node node) {
    String x = node.input(0);
    String target = node.input(1);
    String decay = g.node("Exp", g.neg(g.node("Abs", x)));
    String tail = g.node("Log", g.add(decay, 1));
    if (node.input(3).isEmpty()) {
      return List.of(g.add(g.sub(g.node("Relu", x), g.mul(x, target)), tail));
    }
    String positive = g.mul(target, node.input(3));
    String rest = g.sub(1, target);
    String both = g.add(rest, positive);
    String value = g.add(g.mul(rest, x), g.mul(both, g.add(g.node("Relu", g.neg(x)), tail)));
    return List.of(value, both, positive);
  }

  /** {@code c·σ(x) - π·t}. */
  private static String binarySlope(Algebra g, Reverse r) {
    String sigmoid = g.node("Sigmoid", r.x());
    return r.in(3).isEmpty() ? g.sub(sigmoid, r.in(1)) : g.sub(g.mul(r.out(2), sigmoid), r.out(3));
  }

  /** {@code t·(log t - log softmax(x))}, 0 where t is. */
  private static List<String> divergence(Algebra g, Node node) {
    String target = node.input(1);
    long last = g.draft().shape(node.input(0)).rank() - 1L;
    String logs = g.draft().node("LogSoftmax", Map.of("axis", Attribute.of(last)), node.input(0));
    String bounded = g.node("Max", target, g.draft().number(1e-37, target));
    return List.of(g.mul(target, g.sub(g.node("Log", bounded), logs)), logs);
  }

  /** {@code Σt·softmax(x) - t}. */
  private static String divergenceSlope(Algebra g, Reverse r) {
    String total = g.sum(r.in(1), 1, r.rank(0) - 1);
    return g.sub(g.mul(g.node("Exp", r.out(2)), total), r.in(1));
  }

  private static void requireExamples(Algebra g, Node node) {
    Shape prediction = g.draft().shape(node.input(0));
    if (!prediction.ranked() || prediction.rank() == 0) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          "prediction \"" + node.input(0) + "\": " + prediction + " (expected: [N, ...])");
    }
  }
}
