package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators along a sequence, spelled out: running products, and updates of a cache. */
final class RunningGradients {
  private RunningGradients() {}

  /**
   * CumProd, by doubling: products of 1, 2, 4, ... neighbours. Nothing is divided by, so that zeros
   * are as good as other factors.
   */
  static List<String> product(Algebra g, Node node) {
    String x = node.input(0);
    long given =
        g.draft()
            .fact(node.input(1))
            .constants()
            .orElseThrow(() -> TrainingForms.refuse(node, "axis (expected: a constant)"))[0];
    Shape shape = g.draft().shape(x);
    int axis = shape.ranked() ? (int) (given < 0 ? given + shape.rank() : given) : -1;
    if (axis < 0 || !(shape.dim(axis) instanceof Dim.Fixed(long size))) {
      throw TrainingForms.refuse(node, "input " + shape + " (expected: a fixed size)");
    }
    boolean reverse = node.intAttribute("reverse", 0) != 0;
    boolean exclusive = node.intAttribute("exclusive", 0) != 0;
    String y = exclusive ? shifted(g, x, axis, reverse ? -1 : 1) : x;
    for (long step = 1; step < size; step *= 2) {
      y = g.mul(y, shifted(g, y, axis, reverse ? -step : step));
    }
    return List.of(y);
  }

  /** A value moved along an axis; ones come in. */
  private static String shifted(Algebra g, String x, int axis, long by) {
    long size = g.draft().shape(x).dim(axis).sizeOrMinusOne();
    String starts = g.draft().longs(by > 0 ? 0 : -by);
    String ends = g.draft().longs(by > 0 ? size - by : size);
    String kept = g.node("Slice", x, starts, ends, g.draft().longs(axis));
    int rank = g.draft().shape(x).rank();
    long[] pads = new long[2 * rank];
    pads[by > 0 ? axis : rank + axis] = Math.abs(by);
    return g.node("Pad", kept, g.draft().longs(pads), g.draft().number(1, x));
  }

  /** TensorScatter: past [B, ..., T, ...] with the update [B, ..., S, ...] written into it. */
  static List<String> cache(Algebra g, Node node) {
    String past = node.input(0);
    String update = node.input(1);
    Shape shape = g.draft().shape(update);
    if (!shape.ranked()) {
      throw TrainingForms.refuse(node, "update of unknown rank");
    }
    long given = node.intAttribute("axis", -2);
    int axis = (int) (given < 0 ? given + shape.rank() : given);
    long[] wide = new long[shape.rank()];
    Arrays.fill(wide, 1);
    wide[axis] = -1;
    String zero = g.draft().constant("0", Tensor.scalar(0L));
    String one = g.draft().constant("1", Tensor.scalar(1L));
    String at = g.reshape(g.node("Range", zero, size(g, update, axis), one), wide);
    if (!node.input(2).isEmpty()) {
      wide[axis] = 1;
      wide[0] = -1;
      at = g.node("Add", at, g.reshape(node.input(2), wide));
    }
    if (node.stringAttribute("mode", "linear").equals("circular")) {
      at = g.node("Mod", at, size(g, past, axis));
    }
    String places = new Extents(g).of(update, 0, shape.rank()).expand(at);
    Map<String, Attribute> along = Map.of("axis", Attribute.of((long) axis));
    return List.of(g.draft().node("ScatterElements", along, past, places, update));
  }

  private static String size(Algebra g, String value, int axis) {
    String at = g.draft().constant(Integer.toString(axis), Tensor.scalar((long) axis));
    return g.node("Gather", g.shapeOf(value), at);
  }

  /**
   * Det: {@code dX = dy·cof(X)}. A cofactor is the determinant of what is left without its row and
   * column, so that singular matrices have gradients too.
   */
  static void determinant(Algebra g, Reverse r) {
    r.give(
        0,
        () -> {
          int rank = r.rank(0);
          int size = Math.toIntExact(r.size(0, rank - 1));
          if (size < 1 || size > MOST_ROWS) {
            throw r.refuse(size + " rows (expected: 1 to " + MOST_ROWS + ")");
          }
          if (size == 1) {
            return g.reshapeLike(r.dy(), r.x());
          }
          String flat =
              new Extents(g).of(r.x(), 0, rank - 2).sizes((long) size * size).reshape(r.x());
          Map<String, Attribute> last = Map.of("axis", Attribute.of(rank - 2L));
          String minors = g.draft().node("Gather", last, flat, minors(g, size));
          ElementType type = g.draft().fact(r.x()).element();
          double[] signs = new double[size * size];
          Arrays.setAll(signs, i -> (i / size + i % size) % 2 == 0 ? 1 : -1);
          String sign =
              g.draft().constant("signs" + size, Tensor.ofValues(type, signs, size, size));
          String dy = g.node("Unsqueeze", r.dy(), g.draft().longs(-2, -1));
          return g.mul(dy, g.mul(g.node("Det", minors), sign));
        });
  }

  private static final int MOST_ROWS = 24;

  /** For each row and column the places of all others: [M, M, M - 1, M - 1]. */
  private static String minors(Algebra g, int size) {
    long less = size - 1L;
    long[] places = new long[Math.toIntExact(size * size * less * less)];
    int next = 0;
    for (int i = 0; i < size * size; i++) {
      for (int row = 0; row < size; row++) {
        for (int column = 0; column < size; column++) {
          if (row != i / size && column != i % size) {
            places[next++] = (long) row * size + column;
          }
        }
      }
    }
    return g.draft().constant("minors" + size, Tensor.ofLongs(places, size, size, less, less));
  }
}
