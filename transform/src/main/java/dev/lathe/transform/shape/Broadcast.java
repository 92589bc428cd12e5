package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Multidirectional broadcasting: shapes aligned at the end, sizes of 1 stretched. */
final class Broadcast {
  private Broadcast() {}

  /** The shape that all inputs broadcast to. */
  static Shape all(ShapeCall call) {
    Shape shape = Shape.SCALAR;
    for (int i = 0; i < call.inputs().size(); i++) {
      shape = of(call, shape, call.shape(i));
    }
    return shape;
  }

  static Shape of(ShapeCall call, Shape left, Shape right) {
    if (!left.ranked() || !right.ranked()) {
      return Shape.UNRANKED;
    }
    int rank = Math.max(left.rank(), right.rank());
    List<Dim> dims = new ArrayList<>(rank);
    for (int i = rank; i > 0; i--) {
      dims.add(of(call, at(left, i), at(right, i)));
    }
    return Shape.of(dims);
  }

  private static Dim at(Shape shape, int fromEnd) {
    return fromEnd > shape.rank() ? Dim.of(1) : shape.dim(-fromEnd);
  }

  /**
   * One size. Of two different symbols either may be 1, so nothing is known; a known size above 1
   * wins over a symbol.
   */
  static Dim of(ShapeCall call, Dim left, Dim right) {
    if (left.equals(right) || right.equals(Dim.of(1))) {
      return left;
    }
    if (left.equals(Dim.of(1))) {
      return right;
    }
    if (left.isFixed() && right.isFixed()) {
      throw call.mismatch(call.describeAll(), "shapes that broadcast");
    }
    return left.isFixed() ? left : right.isFixed() ? right : Dim.UNKNOWN;
  }
}
