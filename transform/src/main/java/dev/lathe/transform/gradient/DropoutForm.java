package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Dropout in training: each element is kept with probability {@code 1 - ratio} and then divided by
 * it. Which are kept is a function of seed and step, the node's second and third input.
 */
final class DropoutForm {
  /** Where a size is not known, what it is taken for when an axis to split at is chosen. */
  private static final double GUESS = 64;

  private DropoutForm() {}

  /** Saved after the node's own outputs, made two: the factor of each element. */
  static Node write(Algebra g, Node node) {
    Draft draft = g.draft();
    String x = node.input(0);
    double keep = 1 - (double) node.floatAttribute("ratio", 0.5f);
    String columns = columns(g, x);
    String rows = rows(g, x, columns);
    List<String> counters = List.of(node.input(1), node.input(2));
    String numbers =
        new RandomBits(draft).matrix(counters, node.intAttribute("stream", 0), rows, columns);
    double threshold = Math.min(Math.rint(keep * 0x1p32), 0x1p32 - 1);
    String limit =
        draft.constant("threshold", Tensor.ofValues(ElementType.UINT32, new double[] {threshold}));
    String kept = draft.node("Less", numbers, limit);
    TrainingForms.name(g, node, 1, g.reshapeLike(kept, x));
    ElementType type = draft.fact(x).element();
    Map<String, Attribute> to =
        Map.of("to", Attribute.of((long) (type.isFloating() ? type : ElementType.FLOAT).code()));
    String factor = g.reshapeLike(g.mul(draft.node("Cast", to, kept), 1 / keep), x);
    TrainingForms.name(g, node, 0, g.mul(x, factor));
    return node.withOutputs(List.of(node.output(0), node.output(1), factor));
  }

  static void rule(Algebra g, Reverse r) {
    r.give(0, () -> g.mul(r.dy(), r.out(2)));
  }

  /**
   * The number of elements of the last axes, so many that there are about as many columns as rows:
   * random numbers are drawn for rows and columns only.
   */
  private static String columns(Algebra g, String x) {
    Draft draft = g.draft();
    Shape shape = draft.shape(x);
    if (!shape.ranked()) {
      return draft.longs(1);
    }
    int best = shape.rank();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (cost(shape, axis) < cost(shape, best)) {
        best = axis;
      }
    }
    List<Dim> last = shape.dims().subList(best, shape.rank());
    if (last.stream().allMatch(Dim::isFixed)) {
      return draft.longs(Tensor.sizeOf(Shape.of(last).sizes()));
    }
    String sizes =
        draft.node(
            "Slice",
            draft.node("Shape", x),
            draft.longs(best),
            draft.longs(shape.rank()),
            draft.longs(0));
    return draft.node("ReduceProd", Map.of("keepdims", Attribute.of(1L)), sizes);
  }

  private static double cost(Shape shape, int split) {
    return guess(shape.dims().subList(0, split)) + guess(shape.dims().subList(split, shape.rank()));
  }

  private static double guess(List<Dim> dims) {
    double product = 1;
    for (Dim dim : dims) {
      product *= dim instanceof Dim.Fixed(long size) ? size : GUESS;
    }
    return product;
  }

  private static String rows(Algebra g, String x, String columns) {
    Draft draft = g.draft();
    Shape shape = draft.shape(x);
    if (shape.isStatic() && draft.fact(columns).constants().isPresent()) {
      long count = Tensor.sizeOf(shape.sizes());
      return draft.longs(count / Math.max(1, draft.fact(columns).constants().orElseThrow()[0]));
    }
    return draft.node(
        "Div", draft.node("Unsqueeze", draft.node("Size", x), draft.longs(0)), columns);
  }
}
