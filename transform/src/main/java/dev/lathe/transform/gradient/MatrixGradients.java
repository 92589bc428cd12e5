package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import java.util.Map;
import java.util.TreeMap;

/** Gradients of products of matrices. */
final class MatrixGradients {
  private MatrixGradients() {}

  /** MatMul: {@code dA = dY·Bᵀ}, {@code dB = Aᵀ·dY}, vectors as matrices of one row or column. */
  static void matMul(Algebra g, Reverse r) {
    boolean row = r.rank(0) == 1;
    boolean column = r.rank(1) == 1;
    String a = row ? g.node("Unsqueeze", r.in(0), g.draft().longs(0)) : r.in(0);
    String b = column ? g.node("Unsqueeze", r.in(1), g.draft().longs(1)) : r.in(1);
    String dy = r.dy();
    if (column) {
      dy = g.node("Unsqueeze", dy, g.draft().longs(-1));
    }
    if (row) {
      dy = g.node("Unsqueeze", dy, g.draft().longs(-2));
    }
    String cotangent = dy;
    r.give(0, () -> g.reshapeLike(left(g, cotangent, a, b), r.in(0)));
    r.give(1, () -> g.reshapeLike(right(g, cotangent, a, b), r.in(1)));
  }

  private static String left(Algebra g, String dy, String a, String b) {
    boolean flat = rank(g, dy) == 2 && rank(g, b) == 2;
    return flat
        ? gemm(g, 1, new Factor(dy, false), new Factor(b, true))
        : g.reduceTo(g.node("MatMul", dy, g.swapLast(b)), a);
  }

  /** With a matrix on the right, all axes but the last of the left are one long axis. */
  private static String right(Algebra g, String dy, String a, String b) {
    if (rank(g, b) != 2) {
      return g.reduceTo(g.node("MatMul", g.swapLast(a), dy), b);
    }
    long inner = g.draft().shape(a).dim(-1).sizeOrMinusOne();
    long outer = g.draft().shape(dy).dim(-1).sizeOrMinusOne();
    if (rank(g, a) > 2 && (inner < 1 || outer < 1)) {
      return g.reduceTo(g.node("MatMul", g.swapLast(a), dy), b);
    }
    String rows = rank(g, a) == 2 ? a : g.reshape(a, -1, inner);
    String cotangents = rank(g, a) == 2 ? dy : g.reshape(dy, -1, outer);
    return gemm(g, 1, new Factor(rows, true), new Factor(cotangents, false));
  }

  private static int rank(Algebra g, String value) {
    return g.draft().shape(value).rank();
  }

  /** A matrix, as it is or transposed. */
  private record Factor(String value, boolean transposed) {}

  private static String gemm(Algebra g, float alpha, Factor a, Factor b) {
    Map<String, Attribute> attributes = new TreeMap<>();
    if (alpha != 1) {
      attributes.put("alpha", Attribute.of(alpha));
    }
    if (a.transposed()) {
      attributes.put("transA", Attribute.of(1L));
    }
    if (b.transposed()) {
      attributes.put("transB", Attribute.of(1L));
    }
    return g.draft().node("Gemm", attributes, a.value(), b.value());
  }

  /** Gemm: {@code Y = α·A'·B' + β·C}, where a prime may transpose. */
  static void gemm(Algebra g, Reverse r) {
    boolean transA = r.node().intAttribute("transA", 0) != 0;
    boolean transB = r.node().intAttribute("transB", 0) != 0;
    float alpha = r.node().floatAttribute("alpha", 1);
    float beta = r.node().floatAttribute("beta", 1);
    String a = r.in(0);
    String b = r.in(1);
    String dy = r.dy();
    r.give(
        0,
        () ->
            transA
                ? gemm(g, alpha, new Factor(b, transB), new Factor(dy, true))
                : gemm(g, alpha, new Factor(dy, false), new Factor(b, !transB)));
    r.give(
        1,
        () ->
            transB
                ? gemm(g, alpha, new Factor(dy, true), new Factor(a, transA))
                : gemm(g, alpha, new Factor(a, !transA), new Factor(dy, false)));
    r.give(2, () -> g.mul(g.reduceTo(dy, r.in(2)), beta));
  }
}
