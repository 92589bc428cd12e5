package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.TransformError;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Losses as weighted means over examples. Inputs of each: prediction [N, ...], target, weights [N];
 * output: loss []. Saved after it: shares [N], the weights over their sum, then what the gradient
 * reads.
 */
final class LossGradients {
  private LossGradients() {}

  /** w / Σw, [N]. */
  private static String shares(Algebra g, Node node) {
    return g.div(node.input(2), g.sum(node.input(2), 1, 0));
  }

  /** Σ over examples of share times loss, under the node's own output. */
  private static Node finish(Algebra g, Node node, String shares, List<String> losses) {
    String loss = g.sum(g.mul(losses.getFirst(), shares), 0, 0);
    TrainingForms.name(g, node, 0, loss);
    return TrainingForms.saving(
        node, List.of(shares, losses.size() > 1 ? losses.get(1) : losses.getFirst()));
  }

  /** The mean over all axes but the first. */
  private static String perExample(Algebra g, String elements) {
    int rank = g.draft().shape(elements).rank();
    if (rank == 1) {
      return elements;
    }
    long[] axes = IntStream.range(1, rank).mapToLong(i -> i).toArray();
    return g.div(g.sum(elements, 0, axes), g.count(elements, elements, axes));
  }

  /** Shares as [N, 1...], over the number of features. */
  private static String spreadShares(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] column = IntStream.range(0, rank).mapToLong(i -> i == 0 ? -1 : 1).toArray();
    long[] axes = IntStream.range(1, rank).mapToLong(i -> i).toArray();
    String shares = r.out(1);
    String scaled =
        rank == 1 ? shares : g.div(g.reshape(shares, column), g.count(r.x(), r.x(), axes));
    return g.mul(scaled, r.dy());
  }

  static Node meanSquaredErrorForm(Algebra g, Node node) {
    requireExamples(g, node);
    String error = g.sub(node.input(0), node.input(1));
    String losses = perExample(g, g.square(error));
    return finish(g, node, shares(g, node), List.of(losses, error));
  }

  static void meanSquaredError(Algebra g, Reverse r) {
    r.give(0, () -> g.mul(r.out(2), g.mul(spreadShares(g, r), 2)));
  }

  static Node binaryCrossEntropyForm(Algebra g, Node node) {
    requireExamples(g, node);
    String x = node.input(0);
    String decay = g.node("Exp", g.neg(g.node("Abs", x)));
    String hinge = g.sub(g.node("Relu", x), g.mul(x, node.input(1)));
    String losses = perExample(g, g.add(hinge, g.node("Log", g.add(decay, 1))));
    return finish(g, node, shares(g, node), List.of(losses));
  }

  /** {@code σ(x) - t}. */
  static void binaryCrossEntropy(Algebra g, Reverse r) {
    r.give(0, () -> g.mul(g.sub(g.node("Sigmoid", r.x()), r.in(1)), spreadShares(g, r)));
  }

  /**
   * Scores [N, K], or [N, ..., K] with a class at each place. A negative class says that its place
   * does not count; the others of an example share its weight equally with all places of the batch.
   */
  static Node crossEntropyForm(Algebra g, Node node) {
    long classes = classes(g, node);
    boolean places = g.draft().shape(node.input(0)).rank() > 2;
    String scores = places ? g.reshape(node.input(0), -1, classes) : node.input(0);
    String target = places ? g.reshape(node.input(1), -1) : node.input(1);
    Map<String, Attribute> axis = Map.of("axis", Attribute.of(1L));
    String logs = g.draft().node("LogSoftmax", axis, scores);
    String known = places ? g.node("Max", target, g.draft().longs(0)) : target;
    String rows = g.node("Unsqueeze", known, g.draft().longs(1));
    String picked = g.draft().node("GatherElements", axis, logs, rows);
    String losses = g.neg(g.node("Squeeze", picked, g.draft().longs(1)));
    String shares = places ? placeShares(g, node) : shares(g, node);
    return finish(g, node, shares, List.of(losses, logs));
  }

  /** The weight of each place over the sum of all, [N·places]; 0 where the class is negative. */
  private static String placeShares(Algebra g, Node node) {
    int rank = g.draft().shape(node.input(1)).rank();
    long[] column = IntStream.range(0, rank).mapToLong(i -> i == 0 ? -1 : 1).toArray();
    String counted = g.node("GreaterOrEqual", node.input(1), g.draft().longs(0));
    String weights = g.reshape(node.input(2), column);
    String each = g.reshape(g.mul(g.castLike(counted, weights), weights), -1);
    return g.div(each, g.sum(each, 1, 0));
  }

  private static long classes(Algebra g, Node node) {
    Shape scores = g.draft().shape(node.input(0));
    if (scores.ranked()
        && scores.rank() >= 2
        && scores.dim(scores.rank() - 1) instanceof Dim.Fixed(long classes)) {
      return classes;
    }
    throw new LatheException(
        TransformError.SHAPE_MISMATCH,
        "prediction \""
            + node.input(0)
            + "\": "
            + scores
            + " (expected: [N, ..., K] with K known)");
  }

  /** {@code (softmax - onehot)}, each row by its share. A negative class has no onehot. */
  static void crossEntropy(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          boolean places = r.rank(0) > 2;
          String target = places ? g.reshape(r.in(1), -1) : r.in(1);
          String known = places ? g.node("Max", target, g.draft().longs(0)) : target;
          String depth = g.draft().longs(classes(g, r.node()));
          String ends =
              g.draft()
                  .constant(
                      "off_on",
                      Tensor.ofValues(g.draft().fact(r.x()).element(), new double[] {0, 1}, 2));
          String onehot = g.node("OneHot", known, depth, ends);
          String softmax = g.node("Exp", r.out(2));
          String rows = g.mul(g.reshape(r.out(1), -1, 1), r.dy());
          return g.reshapeLike(g.mul(g.sub(softmax, onehot), rows), r.x());
        });
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
