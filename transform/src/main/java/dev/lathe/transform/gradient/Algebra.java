package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Formulas on a draft, each in the cheapest form that the shapes at hand allow. */
public final class Algebra {
  private final Draft draft;

  /**
   * Formulas on a draft.
   *
   * @param draft the draft, which grows
   */
  public Algebra(Draft draft) {
    this.draft = draft;
  }

  /**
   * The draft.
   *
   * @return the draft itself
   */
  public Draft draft() {
    return draft;
  }

  /**
   * A node with one output.
   *
   * @param op the operator
   * @param inputs its inputs
   * @return its output
   */
  public String node(String op, String... inputs) {
    return draft.node(op, inputs);
  }

  /**
   * a·b.
   *
   * @param a factor
   * @param b factor
   * @return the product; the other factor itself if one is the constant 1
   */
  public String mul(String a, String b) {
    return draft.is(b, 1) ? a : draft.is(a, 1) ? b : draft.node("Mul", a, b);
  }

  /**
   * a·b.
   *
   * @param a factor
   * @param b constant factor
   * @return the product
   */
  public String mul(String a, double b) {
    return b == 1 ? a : b == -1 ? neg(a) : draft.node("Mul", a, draft.number(b, a));
  }

  /**
   * a + b.
   *
   * @param a summand
   * @param b summand
   * @return the sum
   */
  public String add(String a, String b) {
    return draft.node("Add", a, b);
  }

  /**
   * a + b.
   *
   * @param a summand
   * @param b constant summand
   * @return the sum
   */
  public String add(String a, double b) {
    return b == 0 ? a : draft.node("Add", a, draft.number(b, a));
  }

  /**
   * a - b.
   *
   * @param a minuend
   * @param b subtrahend
   * @return the difference
   */
  public String sub(String a, String b) {
    return draft.node("Sub", a, b);
  }

  /**
   * a - b.
   *
   * @param a constant minuend
   * @param b subtrahend
   * @return the difference
   */
  public String sub(double a, String b) {
    return draft.node("Sub", draft.number(a, b), b);
  }

  /**
   * a / b.
   *
   * @param a dividend
   * @param b divisor
   * @return the quotient
   */
  public String div(String a, String b) {
    return draft.node("Div", a, b);
  }

  /**
   * -a.
   *
   * @param a value
   * @return its negation
   */
  public String neg(String a) {
    return draft.node("Neg", a);
  }

  /**
   * a².
   *
   * @param a value
   * @return its square
   */
  public String square(String a) {
    return draft.node("Mul", a, a);
  }

  /**
   * Elements of one value where a condition holds, of another where not.
   *
   * @param condition BOOL
   * @param yes taken where true
   * @param no taken where false
   * @return the choice
   */
  public String where(String condition, String yes, String no) {
    return draft.node("Where", condition, yes, no);
  }

  /**
   * A value where a condition holds, 0 elsewhere.
   *
   * @param condition BOOL
   * @param yes taken where true
   * @return the choice
   */
  public String mask(String condition, String yes) {
    return where(condition, yes, draft.number(0, yes));
  }

  /**
   * A finite value where a condition holds, 0 elsewhere: quicker than {@link #mask}, which is for
   * values that may be infinite.
   *
   * @param condition BOOL
   * @param yes taken where true
   * @return the product
   */
  public String gate(String condition, String yes) {
    return mul(yes, castLike(condition, yes));
  }

  /**
   * a &gt; b.
   *
   * @param a left
   * @param b constant right
   * @return BOOL
   */
  public String greater(String a, double b) {
    return draft.node("Greater", a, draft.number(b, a));
  }

  /**
   * A value in the element type of another.
   *
   * @param a the value
   * @param like the other
   * @return the value cast, or itself if it has that type
   */
  public String castLike(String a, String like) {
    ElementType type = draft.fact(like).element();
    return draft.fact(a).element() == type
        ? a
        : draft.node("Cast", Map.of("to", Attribute.of((long) type.code())), a);
  }

  /**
   * Sum over axes.
   *
   * @param a the value
   * @param keep 1 keeps summed axes as size 1, 0 drops them
   * @param axes the axes, negative from the end
   * @return the sum, or the value itself if there are no axes
   */
  public String sum(String a, long keep, long... axes) {
    return axes.length == 0
        ? a
        : draft.node("ReduceSum", Map.of("keepdims", Attribute.of(keep)), a, draft.longs(axes));
  }

  /**
   * The sum of the squares of all elements.
   *
   * @param a the value
   * @return a scalar
   */
  public String sumSquare(String a) {
    return draft.node("ReduceSumSquare", Map.of("keepdims", Attribute.of(0L)), a);
  }

  /**
   * The sizes of a value.
   *
   * @param a the value
   * @return INT64 [rank]
   */
  public String shapeOf(String a) {
    Shape shape = draft.shape(a);
    return shape.isStatic() ? draft.longs(shape.sizes()) : draft.node("Shape", a);
  }

  /**
   * A value with other axes.
   *
   * @param a the value
   * @param sizes sizes, one of them -1 perhaps
   * @return the value reshaped
   */
  public String reshape(String a, long... sizes) {
    boolean same = draft.shape(a).isStatic() && Arrays.equals(draft.shape(a).sizes(), sizes);
    return same ? a : draft.node("Reshape", a, draft.longs(sizes));
  }

  /**
   * A value in the shape of another with as many elements.
   *
   * @param a the value
   * @param like the other
   * @return the value itself if the shapes are known to agree
   */
  public String reshapeLike(String a, String like) {
    Shape target = draft.shape(like);
    if (agree(draft.shape(a), target)) {
      return a;
    }
    long open = target.dims().stream().filter(dim -> !dim.isFixed()).count();
    boolean plain = target.ranked() && open <= 1 && !target.dims().contains(Dim.of(0));
    return plain ? reshape(a, target.sizes()) : draft.node("Reshape", a, draft.node("Shape", like));
  }

  /**
   * A value spread to the shape of another, to which it broadcasts.
   *
   * @param a the value
   * @param like the other
   * @return the value itself if the shapes are known to agree
   */
  public String expandLike(String a, String like) {
    return agree(draft.shape(a), draft.shape(like)) ? a : draft.node("Expand", a, shapeOf(like));
  }

  /** Whether two shapes are known to be equal. */
  static boolean agree(Shape left, Shape right) {
    return left.ranked()
        && right.ranked()
        && left.dims().equals(right.dims())
        && !left.dims().contains(Dim.UNKNOWN);
  }

  /**
   * A value with its axes in another order.
   *
   * @param a the value
   * @param perm where each axis comes from
   * @return the value itself if the order is its own
   */
  public String transpose(String a, long... perm) {
    return new Axes(draft).transpose(a, perm);
  }

  /**
   * A value without an axis of size 1.
   *
   * @param a the value
   * @param axis the axis, from the front
   * @return the value, or what it was made of by putting the axis in
   */
  public String squeeze(String a, int axis) {
    return new Axes(draft).squeeze(a, axis);
  }

  /**
   * A matrix transposed; further axes stay.
   *
   * @param a [..., M, K]
   * @return [..., K, M]
   */
  public String swapLast(String a) {
    int rank = draft.shape(a).rank();
    long[] perm = IntStream.range(0, rank).mapToLong(i -> i).toArray();
    perm[rank - 1] = rank - 2L;
    perm[rank - 2] = rank - 1L;
    return transpose(a, perm);
  }

  /**
   * Zeros.
   *
   * @param like gives shape and element type
   * @return a value like that, all 0
   */
  public String zerosLike(String like) {
    return zeros(shapeOf(like), like);
  }

  /**
   * Zeros.
   *
   * @param sizes INT64 [rank]
   * @param like gives the element type
   * @return the zeros
   */
  public String zeros(String sizes, String like) {
    ElementType type = draft.fact(like).element();
    Tensor zero = zeroOf(type);
    return draft.node("ConstantOfShape", Map.of("value", Attribute.of(zero)), sizes);
  }

  private final Map<ElementType, Tensor> zeroTensors = new HashMap<>();

  private Tensor zeroOf(ElementType type) {
    return zeroTensors.computeIfAbsent(type, t -> Tensor.zeros(t, 1));
  }

  /**
   * The number of elements along axes, as a scalar.
   *
   * @param a the value
   * @param like gives the element type of the answer
   * @param axes axes from the front
   * @return a constant if the sizes are known
   */
  public String count(String a, String like, long... axes) {
    long known = 1;
    List<Long> open = new ArrayList<>();
    for (long axis : axes) {
      if (draft.shape(a).dim((int) axis) instanceof Dim.Fixed(long size)) {
        known *= size;
      } else {
        open.add(axis);
      }
    }
    if (open.isEmpty()) {
      return draft.number(known, like);
    }
    String sizes =
        draft.node(
            "Gather",
            draft.node("Shape", a),
            draft.longs(open.stream().mapToLong(Long::longValue).toArray()));
    String product =
        draft.node("ReduceProd", Map.of("keepdims", Attribute.of(0L)), castLike(sizes, like));
    return mul(product, known);
  }

  /**
   * Undoes broadcasting: sums a cotangent over the axes along which a value was stretched.
   *
   * @param dy cotangent of the broadcast result
   * @param target the value that was broadcast
   * @return the cotangent of the value, of its shape
   */
  public String reduceTo(String dy, String target) {
    return SumToShape.apply(this, dy, target);
  }
}
