package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import java.util.List;
import java.util.stream.IntStream;

/** Gradients of operators that bring values to a common scale. */
final class NormalizationGradients {
  private NormalizationGradients() {}

  /** Softmax: {@code y·(dY - Σ dY·y)}; LogSoftmax: {@code dY - e^y·Σ dY}. */
  static void softmax(Algebra g, Reverse r) {
    long otherwise = g.draft().opset() >= 13 ? -1 : 1;
    long axis = r.node().intAttribute("axis", otherwise);
    int rank = r.rank(0);
    boolean last = axis == -1 || axis == rank - 1;
    if (g.draft().opset() < 13 && !last) {
      throw r.refuse("axis " + axis + " before version 13 (expected: the last)");
    }
    if (r.node().op().equals("LogSoftmax")) {
      r.give(0, () -> g.sub(r.dy(), g.mul(g.node("Exp", r.y()), g.sum(r.dy(), 1, axis))));
      return;
    }
    r.give(0, () -> g.mul(r.y(), g.sub(r.dy(), g.sum(g.mul(r.dy(), r.y()), 1, axis))));
  }

  /**
   * BatchNormalization, spelled out so that normalized values and inverse deviations can be used
   * again. Saved after the node's own outputs (made up to three): xhat [N, C, ...], inverse
   * deviation [C, 1...]. Of {@link TrainingForms#DOMAIN} it uses the batch's own mean and variance,
   * and updates the running ones as PyTorch does, with the unbiased variance; of ONNX's domain, as
   * the node says.
   */
  static Node batchForm(Algebra g, Node node) {
    boolean ours = node.domain().equals(TrainingForms.DOMAIN);
    boolean batch = ours || node.intAttribute("training_mode", 0) != 0;
    int rank = g.draft().shape(node.input(0)).rank();
    if (rank < 2) {
      throw TrainingForms.refuse(node, "the rank of its input is not known");
    }
    long[] column = IntStream.range(0, rank - 1).mapToLong(i -> i == 0 ? -1 : 1).toArray();
    long[] axes = IntStream.range(0, rank).filter(i -> i != 1).mapToLong(i -> i).toArray();
    String x = node.input(0);
    String m = g.count(x, x, axes);
    String mean = batch ? g.div(g.sum(x, 1, axes), m) : g.reshape(node.input(3), column);
    String centered = g.sub(x, mean);
    String variance =
        batch ? g.div(g.sum(g.square(centered), 1, axes), m) : g.reshape(node.input(4), column);
    double epsilon = node.floatAttribute("epsilon", 1e-5f);
    String inverse = g.node("Reciprocal", g.node("Sqrt", g.add(variance, epsilon)));
    String xhat = g.mul(centered, inverse);
    String scaled = g.mul(xhat, g.reshape(node.input(1), column));
    TrainingForms.name(g, node, 0, g.add(scaled, g.reshape(node.input(2), column)));
    if (batch) {
      double momentum = node.floatAttribute("momentum", 0.9f);
      String unbiased = ours ? g.mul(variance, g.div(m, g.add(m, -1))) : variance;
      TrainingForms.name(g, node, 1, blend(g, node.input(3), mean, momentum));
      TrainingForms.name(g, node, 2, blend(g, node.input(4), unbiased, momentum));
    }
    String tag = batch ? "batch" : "frozen";
    return Node.of("BatchNormalization", node.inputs(), List.of(node.output(0), xhat, inverse))
        .withName(node.name())
        .withDomain(TrainingForms.DOMAIN)
        .with("statistics", Attribute.of(tag));
  }

  /** What a running statistic becomes: the old one, moved towards the batch's. */
  private static String blend(Algebra g, String old, String now, double momentum) {
    return g.add(g.mul(old, momentum), g.mul(g.reshape(now, -1), 1 - momentum));
  }

  /**
   * {@code dX = γ·σ⁻¹·(dY - Σ dY/m - x̂·Σ(dY·x̂)/m)} over the m elements of a channel; the two sums
   * are the cotangents of bias and scale. With frozen statistics only the first term is left.
   */
  static void batch(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] axes = IntStream.range(0, rank).filter(i -> i != 1).mapToLong(i -> i).toArray();
    long[] column = IntStream.range(0, rank - 1).mapToLong(i -> i == 0 ? -1 : 1).toArray();
    String xhat = r.out(1);
    String inverse = r.out(2);
    boolean frozen = r.node().stringAttribute("statistics", "").equals("frozen");
    r.give(2, () -> g.reshapeLike(g.sum(r.dy(), 1, axes), r.in(2)));
    r.give(1, () -> g.reshapeLike(g.sum(g.mul(r.dy(), xhat), 1, axes), r.in(1)));
    r.give(
        0,
        () -> {
          String slope = g.mul(g.reshape(r.in(1), column), inverse);
          if (frozen) {
            return g.mul(r.dy(), slope);
          }
          String m = g.count(r.x(), r.x(), axes);
          String shift = g.div(g.sum(r.dy(), 1, axes), m);
          String tilt = g.div(g.sum(g.mul(r.dy(), xhat), 1, axes), m);
          return g.mul(g.sub(g.sub(r.dy(), shift), g.mul(xhat, tilt)), slope);
        });
  }

  /** LayerNormalization, by its outputs Mean and InvStdDev. */
  static void layer(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long given = r.node().intAttribute("axis", -1);
    int axis = (int) (given < 0 ? given + rank : given);
    long[] axes = IntStream.range(axis, rank).mapToLong(i -> i).toArray();
    String inverse = r.out(2);
    String xhat = g.mul(g.sub(r.x(), r.out(1)), inverse);
    r.give(2, () -> g.reduceTo(r.dy(), r.in(2)));
    r.give(1, () -> g.reduceTo(g.mul(r.dy(), xhat), r.in(1)));
    r.give(
        0,
        () -> {
          String d = g.mul(r.dy(), r.in(1));
          String m = g.count(r.x(), r.x(), axes);
          String shift = g.div(g.sum(d, 1, axes), m);
          String tilt = g.div(g.sum(g.mul(d, xhat), 1, axes), m);
          return g.mul(g.sub(g.sub(d, shift), g.mul(xhat, tilt)), inverse);
        });
  }
}
