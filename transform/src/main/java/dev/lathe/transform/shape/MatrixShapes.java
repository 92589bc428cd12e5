package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Shapes of products of matrices. */
final class MatrixShapes {
  private MatrixShapes() {}

  /** MatMul: [..., M, K] · [..., K, N]; vectors lose their axis. */
  static Shape matMul(ShapeCall call) {
    Shape a = call.shape(0);
    Shape b = call.shape(1);
    if (a.rank() == 0 || b.rank() == 0) {
      throw call.mismatch(call.describeAll(), "no scalars");
    }
    Dim inner = b.rank() == 1 ? b.dim(0) : b.dim(-2);
    requireInner(call, a.dim(-1), inner);
    List<Dim> dims = new ArrayList<>(Broadcast.of(call, batch(a), batch(b)).dims());
    if (a.rank() > 1) {
      dims.add(a.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(-1));
    }
    return Shape.of(dims);
  }

  private static Shape batch(Shape shape) {
    return Shape.of(shape.dims().subList(0, Math.max(0, shape.rank() - 2)));
  }

  private static void requireInner(ShapeCall call, Dim left, Dim right) {
    if (left instanceof Dim.Fixed a && right instanceof Dim.Fixed b && a.size() != b.size()) {
      throw call.mismatch(
          call.describe(0)
              + " times "
              + call.describe(1)
              + ": inner sizes "
              + left
              + " and "
              + right,
          "equal inner sizes");
    }
  }

  /** Gemm: A' [M, K] · B' [K, N] + C. */
  static Shape gemm(ShapeCall call) {
    call.requireRank(0, 2);
    call.requireRank(1, 2);
    int transA = (int) call.node().intAttribute("transA", 0);
    int transB = (int) call.node().intAttribute("transB", 0);
    requireInner(call, call.shape(0).dim(1 - transA), call.shape(1).dim(transB));
    Shape product = Shape.of(List.of(call.shape(0).dim(transA), call.shape(1).dim(1 - transB)));
    if (call.has(2)) {
      Broadcast.of(call, product, call.shape(2));
    }
    return product;
  }
}
