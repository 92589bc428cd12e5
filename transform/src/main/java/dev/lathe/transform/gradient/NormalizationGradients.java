package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Node;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
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
   * BatchNormalization with what the way back needs saved after the node's own outputs (made up to
   * three): mean and inverse deviation, both [C, 1...]. Of {@link TrainingForms#DOMAIN} it uses the
   * batch's own mean and variance, and updates the running ones as PyTorch does, with the unbiased
   * variance; of ONNX's domain, as the node says. The batch's moments are what the operator gives
   * as running ones if it forgets at once, with momentum 0. What it forgets must be a value that
   * nothing else reads, because the engine writes the running ones over it.
   */
  static Node batchForm(Algebra g, Node node) {
    boolean ours = node.domain().equals(TrainingForms.DOMAIN);
    boolean batch = ours || node.intAttribute("training_mode", 0) != 0;
    int rank = g.draft().shape(node.input(0)).rank();
    if (rank < 2) {
      throw TrainingForms.refuse(node, "the rank of its input is not known");
    }
    String mean = node.input(3);
    String variance = node.input(4);
    float epsilon = node.floatAttribute("epsilon", 1e-5f);
    if (batch) {
      Map<String, Attribute> attributes = new TreeMap<>();
      attributes.put("epsilon", Attribute.of(epsilon));
      attributes.put("momentum", Attribute.of(0f));
      attributes.put("training_mode", Attribute.of(1L));
      String[] inputs = node.inputs().toArray(new String[0]);
      inputs[3] = g.neg(mean);
      inputs[4] = g.neg(variance);
      List<String> made = g.draft().nodes("BatchNormalization", attributes, 3, inputs);
      mean = made.get(1);
      variance = made.get(2);
      double momentum = node.floatAttribute("momentum", 0.9f);
      String m = g.count(node.input(0), variance, allBut1(rank));
      String unbiased = ours ? g.mul(variance, g.div(m, g.add(m, -1))) : variance;
      TrainingForms.name(g, node, 0, made.getFirst());
      TrainingForms.name(g, node, 1, blend(g, node.input(3), mean, momentum));
      TrainingForms.name(g, node, 2, blend(g, node.input(4), unbiased, momentum));
    } else {
      g.draft().append(node);
    }
    long[] column = column(rank);
    String deviation = g.node("Sqrt", g.add(variance, epsilon));
    String inverse = g.reshape(g.node("Reciprocal", deviation), column);
    String tag = batch ? "batch" : "frozen";
    List<String> outputs = List.of(node.output(0), g.reshape(mean, column), inverse);
    return Node.of("BatchNormalization", node.inputs(), outputs)
        .withName(node.name())
        .withDomain(TrainingForms.DOMAIN)
        .with("statistics", Attribute.of(tag));
  }

  private static long[] allBut1(int rank) {
    return IntStream.range(0, rank).filter(i -> i != 1).mapToLong(i -> i).toArray();
  }

  private static long[] column(int rank) {
    return IntStream.range(0, rank - 1).mapToLong(i -> i == 0 ? -1 : 1).toArray();
  }

  /** What a running statistic becomes: the old one, moved towards the batch's. */
  private static String blend(Algebra g, String old, String now, double momentum) {
    return g.add(g.mul(old, momentum), g.mul(now, 1 - momentum));
  }

  /**
   * With {@code d = x - μ}: {@code dX = γ·σ⁻¹·(dY - Σ dY/m) - d·(γ·σ⁻³·Σ(dY·d)/m)} over the m
   * elements of a channel; the two sums lead to the cotangents of bias and scale. With frozen
   * statistics only {@code γ·σ⁻¹·dY} is left.
   */
  static void batch(Algebra g, Reverse r) {
    int rank = r.rank(0);
    long[] axes = allBut1(rank);
    String inverse = r.out(2);
    String centered = g.sub(r.x(), r.out(1));
    Supplier<String> along = () -> g.mul(g.sum(g.mul(r.dy(), centered), 1, axes), inverse);
    boolean frozen = r.node().stringAttribute("statistics", "").equals("frozen");
    r.give(2, () -> g.reshapeLike(g.sum(r.dy(), 1, axes), r.in(2)));
    r.give(1, () -> g.reshapeLike(along.get(), r.in(1)));
    r.give(
        0,
        () -> {
          String slope = g.mul(g.reshape(r.in(1), column(rank)), inverse);
          if (frozen) {
            return g.mul(r.dy(), slope);
          }
          String m = g.count(r.x(), r.x(), axes);
          String shift = g.div(g.sum(r.dy(), 1, axes), m);
          String tilt = g.mul(g.mul(g.div(along.get(), m), inverse), slope);
          return g.sub(g.mul(g.sub(r.dy(), shift), slope), g.mul(centered, tilt));
        });
  }

  /**
   * LayerNormalization spelled out, with normalized values saved after the node's own outputs (made
   * up to three): the way back needs them, and passes over all elements are quicker than the
   * engine's kernel that goes row by row.
   */
  static Node layerForm(Algebra g, Node node) {
    String x = node.input(0);
    if (!g.draft().shape(x).ranked()) {
      throw TrainingForms.refuse(node, "input of unknown rank");
    }
    long[] axes = normalized(node, g.draft().shape(x).rank());
    String m = g.count(x, x, axes);
    String mean = g.div(g.sum(x, 1, axes), m);
    String centered = g.sub(x, mean);
    String variance = g.div(g.sum(g.square(centered), 1, axes), m);
    String epsilon = g.draft().number(node.floatAttribute("epsilon", 1e-5f), x);
    String inverse = g.node("Reciprocal", g.node("Sqrt", g.add(variance, epsilon)));
    String xhat = g.mul(centered, inverse);
    String scaled = g.mul(xhat, node.input(1));
    TrainingForms.name(g, node, 0, node.input(2).isEmpty() ? scaled : g.add(scaled, node.input(2)));
    TrainingForms.name(g, node, 1, mean);
    TrainingForms.name(g, node, 2, inverse);
    return node.withOutputs(List.of(node.output(0), mean, inverse, xhat));
  }

  private static long[] normalized(Node node, int rank) {
    long given = node.intAttribute("axis", -1);
    int axis = (int) (given < 0 ? given + rank : given);
    return IntStream.range(axis, rank).mapToLong(i -> i).toArray();
  }

  /** LayerNormalization, by its inverse deviation and its normalized values. */
  static void layer(Algebra g, Reverse r) {
    long[] axes = normalized(r.node(), r.rank(0));
    String inverse = r.out(2);
    String xhat = r.out(3);
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
