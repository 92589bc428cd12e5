package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.transform.TransformError;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Cross-entropy against class indices. Inputs: scores [N, K], or [N, ..., K] with a class at each
 * place; target [N, ...]; weights [N]; perhaps weights of the classes [K]. Outputs as {@link
 * LossGradients} has them. Inside, all places of the batch are rows, R of them.
 *
 * <p>At several places, or with the attribute {@code ignored}, a negative class and the ignored one
 * say that a place does not count.
 */
final class ClassLossGradients {
  /** In place of K where it differs from batch to batch. */
  private static final long OPEN = -1;

  private static final Map<String, Attribute> ALONG_CLASSES = Map.of("axis", Attribute.of(1L));

  private final Algebra g;
  private final Node node;
  private final long classes;

  private ClassLossGradients(Algebra g, Node node) {
    this.g = g;
    this.node = node;
    this.classes = classes();
  }

  static Node form(Algebra g, Node node) {
    return new ClassLossGradients(g, node).write();
  }

  /** What the way back reads: names of outputs of the node as it was written. */
  private record Saved(String logs, String rows, String picked, String each, String base) {
    static Saved of(Reverse r) {
      return new Saved(r.out(2), r.out(3), r.out(4), r.out(5), r.out(6));
    }

    List<String> names() {
      return List.of(logs, rows, picked, each, base);
    }
  }

  private Node write() {
    String scores = rank() == 2 ? node.input(0) : scoreRows();
    String target = isMasked() ? g.node("Max", node.input(1), g.draft().longs(0)) : node.input(1);
    String rows = g.reshape(target, -1, 1);
    String logs = g.draft().node("LogSoftmax", ALONG_CLASSES, scores);
    String picked = g.draft().node("GatherElements", ALONG_CLASSES, logs, rows);
    String base = base();
    String each =
        node.input(3).isEmpty() ? base : g.mul(base, g.node("Gather", node.input(3), rows));
    Saved saved = new Saved(logs, rows, picked, each, base);
    List<String> sums = List.of(loss(saved), g.sum(each, 0, 0, 1));
    return LossGradients.finish(g, node, sums, saved.names());
  }

  /** The scores as [R, K], where K may be open. */
  private String scoreRows() {
    return classes == OPEN
        ? g.draft().node("Flatten", Map.of("axis", Attribute.of(rank() - 1L)), node.input(0))
        : g.reshape(node.input(0), -1, classes);
  }

  private long classes() {
    Shape scores = g.draft().shape(node.input(0));
    if (scores.ranked() && scores.rank() >= 2) {
      if (scores.dim(scores.rank() - 1) instanceof Dim.Fixed(long size)) {
        return size;
      }
      if (scores.rank() > 2 && smoothing() == 0) {
        return OPEN;
      }
    }
    throw new LatheException(
        TransformError.SHAPE_MISMATCH,
        "prediction \""
            + node.input(0)
            + "\": "
            + scores
            + " (expected: [N, ..., K] with K known)");
  }

  private int rank() {
    return g.draft().shape(node.input(0)).rank();
  }

  private boolean isMasked() {
    return rank() > 2 || node.attribute("ignored").isPresent();
  }

  private double smoothing() {
    return node.floatAttribute("smoothing", 0);
  }

  private double focus() {
    return node.floatAttribute("focus", 0);
  }

  /** The weight of each row without that of its class, [R, 1]. */
  private String base() {
    int places = rank() - 1;
    long[] column = IntStream.range(0, places).mapToLong(i -> i == 0 ? -1 : 1).toArray();
    String weights = places == 1 ? node.input(2) : g.reshape(node.input(2), column);
    if (isMasked()) {
      weights = g.mul(g.castLike(counted(), weights), weights);
    }
    return g.reshape(weights, -1, 1);
  }

  private String counted() {
    String known = g.node("GreaterOrEqual", node.input(1), g.draft().longs(0));
    long ignored = node.intAttribute("ignored", -1);
    if (ignored < 0) {
      return known;
    }
    String equal = g.node("Equal", node.input(1), g.draft().longs(ignored));
    return g.node("And", known, g.node("Not", equal));
  }

  /** The weighted sum over rows. */
  private String loss(Saved saved) {
    String each = g.mul(saved.each(), saved.picked());
    if (focus() > 0) {
      each = g.mul(each, pow(doubt(saved), focus()));
    }
    String sum = g.neg(g.sum(each, 0, 0, 1));
    if (smoothing() == 0) {
      return sum;
    }
    String weighed = node.input(3).isEmpty() ? saved.logs() : g.mul(saved.logs(), node.input(3));
    String spread = g.sum(g.mul(g.sum(weighed, 1, 1), saved.base()), 0, 0, 1);
    return g.sub(g.mul(sum, 1 - smoothing()), g.mul(spread, smoothing() / classes));
  }

  /** {@code 1 - softmax} at the target, [R, 1]; rounding does not make it negative. */
  private String doubt(Saved saved) {
    return g.node("Relu", g.sub(1, g.node("Exp", saved.picked())));
  }

  private String pow(String a, double exponent) {
    return exponent == 0
        ? g.draft().number(1, a)
        : exponent == 1
            ? a
            : exponent == 2 ? g.square(a) : g.node("Pow", a, g.draft().number(exponent, a));
  }

  static void rule(Algebra g, Reverse r) {
    ClassLossGradients loss = new ClassLossGradients(g, r.node());
    r.give(0, () -> g.reshapeLike(loss.gradient(Saved.of(r), r.dy()), r.x()));
  }

  /**
   * {@code a·softmax - b - c·onehot} with a and c of each row and b of smoothing, [R, K]: the
   * element at the target is written over the others rather than added, which takes no onehot.
   */
  private String gradient(Saved saved, String dy) {
    String c = g.mul(g.mul(saved.each(), 1 - smoothing()), dy);
    String a = focus() > 0 ? g.mul(c, focused(saved)) : c;
    c = a;
    String targets = node.input(3);
    String spread = "";
    if (smoothing() > 0) {
      spread = g.mul(g.mul(saved.base(), smoothing() / classes), dy);
      String total =
          targets.isEmpty() ? g.mul(spread, (double) classes) : g.mul(spread, g.sum(targets, 0, 0));
      a = g.add(a, total);
    }
    String all = g.mul(g.node("Exp", saved.logs()), a);
    String one = g.sub(g.mul(g.node("Exp", saved.picked()), a), c);
    if (smoothing() > 0) {
      all = g.sub(all, targets.isEmpty() ? spread : g.mul(spread, targets));
      String own =
          targets.isEmpty() ? spread : g.mul(spread, g.node("Gather", targets, saved.rows()));
      one = g.sub(one, own);
    }
    return g.draft().node("ScatterElements", ALONG_CLASSES, all, saved.rows(), one);
  }

  /** {@code (1-p)^γ - γ·(1-p)^(γ-1)·p·log p} at the target, [R, 1]. */
  private String focused(Saved saved) {
    String doubt = doubt(saved);
    String entropy = g.mul(g.node("Exp", saved.picked()), saved.picked());
    String turn = g.mul(g.mul(pow(doubt, focus() - 1), focus()), entropy);
    return g.sub(pow(doubt, focus()), turn);
  }
}
