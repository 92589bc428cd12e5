package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shapes of operators that make axes smaller. */
final class ReductionShapes {
  private ReductionShapes() {}

  /** Reduce*: axes by attribute or input; none given means all, or nothing if the node says so. */
  static Shape reduce(ShapeCall call) {
    boolean keep = call.node().intAttribute("keepdims", 1) != 0;
    int rank = call.shape(0).rank();
    Optional<long[]> axes = call.ints("axes", 1);
    if (axes.isEmpty() && call.has(1)) {
      return keep ? Shape.of(java.util.Collections.nCopies(rank, Dim.UNKNOWN)) : Shape.UNRANKED;
    }
    boolean none = axes.isEmpty() || axes.get().length == 0;
    if (none && call.node().intAttribute("noop_with_empty_axes", 0) != 0) {
      return call.shape(0);
    }
    boolean[] reduced = new boolean[rank];
    for (long axis : none ? new long[0] : axes.get()) {
      reduced[call.axis(axis, rank)] = true;
    }
    return without(call, none, reduced, keep);
  }

  private static Shape without(ShapeCall call, boolean all, boolean[] reduced, boolean keep) {
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < reduced.length; i++) {
      if (!all && !reduced[i]) {
        dims.add(call.shape(0).dim(i));
      } else if (keep) {
        dims.add(Dim.of(1));
      }
    }
    return Shape.of(dims);
  }

  /** ArgMax, ArgMin. */
  static Shape arg(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", 0), dims.size());
    if (call.node().intAttribute("keepdims", 1) != 0) {
      dims.set(axis, Dim.of(1));
    } else {
      dims.remove(axis);
    }
    return Shape.of(dims);
  }

  /** Losses over classes: one number, or one for each label. */
  static Shape loss(ShapeCall call) {
    if (call.shape(0).rank() < 2 || call.shape(1).rank() != call.shape(0).rank() - 1) {
      throw call.mismatch(call.describeAll(), "scores [N, C, ...] and labels [N, ...]");
    }
    boolean each = call.node().stringAttribute("reduction", "mean").equals("none");
    return each ? call.shape(1) : Shape.SCALAR;
  }

  /** TopK: values and indices. */
  static List<Shape> topK(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", -1), dims.size());
    Term k = call.in(1).content().map(List::getFirst).orElse(Term.UNKNOWN);
    dims.set(axis, k.toDim());
    return List.of(Shape.of(dims), Shape.of(dims));
  }

  /** LayerNormalization: Y, then Mean and InvStdDev with the normalized axes as 1. */
  static List<Shape> layerNormalization(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", -1), dims.size());
    Shape y = call.shape(0);
    Broadcast.of(call, y, call.shape(1));
    for (int i = axis; i < dims.size(); i++) {
      dims.set(i, Dim.of(1));
    }
    return List.of(y, Shape.of(dims), Shape.of(dims));
  }

  /** BatchNormalization: Y, then running mean and variance. */
  static List<Shape> batchNormalization(ShapeCall call) {
    Shape x = call.shape(0);
    if (x.rank() < 2) {
      throw call.mismatch(call.describe(0), "[N, C, ...]");
    }
    for (int i = 1; i < 5; i++) {
      call.requireRank(i, 1);
      call.same(x.dim(1), call.shape(i).dim(0));
    }
    return List.of(x, call.shape(3), call.shape(4));
  }
}
