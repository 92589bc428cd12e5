package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shapes of operators that pick elements by index. */
final class IndexShapes {
  private IndexShapes() {}

  static Shape gather(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", 0), dims.size());
    dims.remove(axis);
    dims.addAll(axis, call.shape(1).dims());
    return Shape.of(dims);
  }

  static Shape gatherElements(ShapeCall call) {
    call.requireRank(1, call.shape(0).rank());
    call.axis(call.node().intAttribute("axis", 0), call.shape(0).rank());
    return call.shape(1);
  }

  static Shape gatherNd(ShapeCall call) {
    Shape data = call.shape(0);
    Shape indices = call.shape(1);
    int batch = (int) call.node().intAttribute("batch_dims", 0);
    if (!(indices.dim(-1) instanceof Dim.Fixed(long depth))) {
      return Shape.UNRANKED;
    }
    if (batch + depth > data.rank()) {
      throw call.mismatch(
          call.describe(1), "at most " + (data.rank() - batch) + " in its last axis");
    }
    List<Dim> dims = new ArrayList<>(indices.dims().subList(0, indices.rank() - 1));
    dims.addAll(data.dims().subList(batch + (int) depth, data.rank()));
    return Shape.of(dims);
  }

  /** ScatterElements: indices and updates of one shape, and of the data's rank. */
  static Shape scatterElements(ShapeCall call) {
    call.requireRank(1, call.shape(0).rank());
    call.requireRank(2, call.shape(0).rank());
    for (int i = 0; i < call.shape(1).rank(); i++) {
      call.same(call.shape(1).dim(i), call.shape(2).dim(i));
    }
    return call.shape(0);
  }

  /** Compress: how many are picked is not known before the graph runs. */
  static Shape compress(ShapeCall call) {
    if (call.node().attribute("axis").isEmpty()) {
      return Shape.of(-1);
    }
    List<Dim> dims = call.dims(0);
    dims.set(call.axis(call.node().intAttribute("axis", 0), dims.size()), Dim.UNKNOWN);
    return Shape.of(dims);
  }

  static Shape oneHot(ShapeCall call) {
    List<Dim> dims = call.dims(0);
    int axis = call.axis(call.node().intAttribute("axis", -1), dims.size() + 1);
    Term depth = call.in(1).content().map(List::getFirst).orElse(Term.UNKNOWN);
    dims.add(axis, depth.toDim());
    return Shape.of(dims);
  }

  static Shape range(ShapeCall call) {
    Optional<List<Term>> start = call.in(0).content();
    Optional<List<Term>> limit = call.in(1).content();
    Optional<List<Term>> delta = call.in(2).content();
    if (start.isEmpty() || limit.isEmpty() || delta.isEmpty()) {
      return Shape.of(-1);
    }
    Term span = limit.get().getFirst().minus(start.get().getFirst());
    Term step = delta.get().getFirst();
    Term count = step.is(1) ? span : span.plus(step).minus(Term.of(1)).dividedBy(step);
    boolean exact = step.is(1) || span.isConstant() && step.isConstant() && step.factor() > 0;
    Term clamped = count.isConstant() ? Term.of(Math.max(0, count.factor())) : count;
    return Shape.of(List.of(exact ? clamped.toDim() : Dim.UNKNOWN));
  }

  static Shape shape(ShapeCall call) {
    return Shape.of(ContentRules.shape(call).map(List::size).orElse(-1));
  }
}
