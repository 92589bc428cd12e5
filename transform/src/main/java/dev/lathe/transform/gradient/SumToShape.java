package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Undoes broadcasting. Which axes were stretched is read off the shapes where they say so; where a
 * symbol might be 1, it is found out when the graph runs.
 */
final class SumToShape {
  private SumToShape() {}

  static String apply(Algebra g, String dy, String target) {
    Draft draft = g.draft();
    Shape from = draft.shape(dy);
    Shape to = draft.shape(target);
    if (Algebra.agree(from, to)) {
      return dy;
    }
    if (!from.ranked() || !to.ranked() || ambiguous(from, to)) {
      return reduceAtRunTime(draft, dy, target);
    }
    int lead = from.rank() - to.rank();
    List<Long> axes = new ArrayList<>();
    for (int i = 0; i < from.rank(); i++) {
      boolean stretched =
          i >= lead && to.dim(i - lead).equals(Dim.of(1)) && !from.dim(i).equals(Dim.of(1));
      if (i < lead || stretched) {
        axes.add((long) i);
      }
    }
    long[] all = axes.stream().mapToLong(Long::longValue).toArray();
    return all.length == lead ? g.sum(dy, 0, all) : g.reshapeLike(g.sum(dy, 1, all), target);
  }

  /** Whether some size is neither known to be stretched nor known not to be. */
  private static boolean ambiguous(Shape from, Shape to) {
    int lead = from.rank() - to.rank();
    for (int i = 0; i < to.rank(); i++) {
      Dim small = to.dim(i);
      boolean same = small.equals(from.dim(i + lead)) && !small.equals(Dim.UNKNOWN);
      if (!small.isFixed() && !same && !from.dim(i + lead).equals(Dim.of(1))) {
        return true;
      }
    }
    return false;
  }

  /** Sums over the axes whose size turns out to be 1 in the target. */
  private static String reduceAtRunTime(Draft draft, String dy, String target) {
    String sizes = draft.node("Shape", target);
    String missing =
        draft.node("Sub", draft.node("Shape", draft.node("Shape", dy)), draft.node("Shape", sizes));
    var one = Map.of("value", Attribute.of(Tensor.ofLongs(new long[] {1}, 1)));
    String padded =
        draft.node(
            "Concat",
            Map.of("axis", Attribute.of(0L)),
            draft.node("ConstantOfShape", one, missing),
            sizes);
    String axes =
        draft.node(
            "Squeeze",
            draft.node("NonZero", draft.node("Equal", padded, draft.longs(1))),
            draft.longs(0));
    String summed =
        draft.node(
            "ReduceSum",
            Map.of("keepdims", Attribute.of(1L), "noop_with_empty_axes", Attribute.of(1L)),
            dy,
            axes);
    return draft.node("Reshape", summed, sizes);
  }
}
