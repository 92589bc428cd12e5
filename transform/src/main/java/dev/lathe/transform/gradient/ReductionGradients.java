package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import java.util.Map;
import java.util.stream.IntStream;

/** Gradients of operators that make axes smaller. */
final class ReductionGradients {
  private ReductionGradients() {}

  /** A formula over the cotangent with its reduced axes back as size 1. */
  @FunctionalInterface
  interface Formula {
    String of(Algebra g, Reverse r, String dy);
  }

  static GradientRule of(Formula formula) {
    return (g, r) -> r.give(0, () -> g.expandLike(formula.of(g, r, kept(g, r, r.dy())), r.x()));
  }

  /** An output, or its cotangent, with the reduced axes as size 1. */
  static String kept(Algebra g, Reverse r, String value) {
    long[] axes = axes(r);
    boolean keep = r.node().intAttribute("keepdims", 1) != 0;
    return keep || axes.length == 0 ? value : g.node("Unsqueeze", value, g.draft().longs(axes));
  }

  /** The reduced axes, from the front. */
  static long[] axes(Reverse r) {
    int rank = r.rank(0);
    if (r.node().op().startsWith("Global")) {
      return IntStream.range(2, rank).mapToLong(i -> i).toArray();
    }
    boolean given = r.node().attribute("axes").isPresent() || !r.in(1).isEmpty();
    long[] axes = given ? r.constants("axes", 1) : new long[0];
    if (axes.length > 0) {
      return IntStream.range(0, axes.length)
          .mapToLong(i -> axes[i] < 0 ? axes[i] + rank : axes[i])
          .sorted()
          .toArray();
    }
    boolean all = r.node().intAttribute("noop_with_empty_axes", 0) == 0;
    return IntStream.range(0, all ? rank : 0).mapToLong(i -> i).toArray();
  }

  static void mean(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          String dy = kept(g, r, r.dy());
          String scaled = g.div(dy, g.count(r.x(), dy, axes(r)));
          return g.expandLike(scaled, r.x());
        });
  }

  static void globalAverage(Algebra g, Reverse r) {
    mean(g, r);
  }

  /** ReduceMax, ReduceMin, GlobalMaxPool: to the extreme elements; equal ones share. */
  static void extreme(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          String y = kept(g, r, r.y());
          String chosen = g.castLike(g.node("Equal", r.x(), y), r.x());
          String ties = g.sum(chosen, 1, axes(r));
          return g.mul(chosen, g.div(kept(g, r, r.dy()), ties));
        });
  }

  /** ReduceL2, {@code y = ‖x‖}: {@code dX = dY·x/‖x‖}. A line of zeros has the gradient 0. */
  static String length(Algebra g, Reverse r, String dy) {
    String length = kept(g, r, r.y());
    String safe = g.where(g.greater(length, 0), length, g.draft().number(1, length));
    return g.mul(r.x(), g.div(dy, safe));
  }

  /** CumSum is undone by summing from the other end. */
  static void cumSum(Algebra g, Reverse r) {
    long reverse = r.node().intAttribute("reverse", 0);
    long exclusive = r.node().intAttribute("exclusive", 0);
    Map<String, Attribute> attributes =
        Map.of("reverse", Attribute.of(1 - reverse), "exclusive", Attribute.of(exclusive));
    r.give(0, () -> g.draft().node("CumSum", attributes, r.dy(), r.in(1)));
  }
}
