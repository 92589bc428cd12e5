package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Gradients of operators that pick elements: cotangents are added up where they came from. */
final class IndexGradients {
  private static final Map<String, Attribute> ADD = Map.of("reduction", Attribute.of("add"));

  private IndexGradients() {}

  /** Gather along an axis. */
  static void gather(Algebra g, Reverse r) {
    int axis = CutGradients.axis(r, r.node().intAttribute("axis", 0));
    r.give(0, () -> rows(g, r, axis, r.in(1)));
  }

  /**
   * The cotangent of rows that were picked along an axis: they are added into zeros, that axis in
   * front meanwhile.
   *
   * @param picks their indices
   */
  static String rows(Algebra g, Reverse r, int axis, String picks) {
    int rank = r.rank(0);
    int picked = g.draft().shape(picks).rank();
    String rows = g.transpose(r.dy(), front(axis, picked, rank - 1 + picked));
    String indices = g.node("Unsqueeze", picks, g.draft().longs(-1));
    long[] toFront = front(axis, 1, rank);
    String zeros = axis == 0 ? g.zerosLike(r.x()) : g.zeros(permuted(g, r, toFront), r.x());
    String sum = g.draft().node("ScatterND", ADD, zeros, indices, rows);
    return g.transpose(sum, inverse(toFront));
  }

  private static String permuted(Algebra g, Reverse r, long[] perm) {
    return r.shape(0).isStatic()
        ? g.draft().longs(LongStream.of(perm).map(axis -> r.size(0, (int) axis)).toArray())
        : g.node("Gather", g.shapeOf(r.x()), g.draft().longs(perm));
  }

  /** The order of axes that brings {@code count} of them, from {@code axis} on, to the front. */
  private static long[] front(int axis, int count, int rank) {
    return IntStream.concat(
            IntStream.range(axis, axis + count),
            IntStream.concat(IntStream.range(0, axis), IntStream.range(axis + count, rank)))
        .mapToLong(i -> i)
        .toArray();
  }

  private static long[] inverse(long[] perm) {
    long[] back = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      back[(int) perm[i]] = i;
    }
    return back;
  }

  static void gatherElements(Algebra g, Reverse r) {
    Map<String, Attribute> attributes =
        Map.of(
            "axis",
            Attribute.of(r.node().intAttribute("axis", 0)),
            "reduction",
            Attribute.of("add"));
    r.give(
        0,
        () -> g.draft().node("ScatterElements", attributes, g.zerosLike(r.x()), r.in(1), r.dy()));
  }

  static void gatherNd(Algebra g, Reverse r) {
    int batch = (int) r.node().intAttribute("batch_dims", 0);
    r.give(
        0,
        () -> {
          String indices = batch == 0 ? r.in(1) : ScatterGradients.withBatch(g, r, batch);
          return g.draft().node("ScatterND", ADD, g.zerosLike(r.x()), indices, r.dy());
        });
  }
}
