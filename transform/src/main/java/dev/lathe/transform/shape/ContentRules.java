package dev.lathe.transform.shape;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/**
 * Elements of small integer tensors, followed through the arithmetic that exporters do on shapes.
 */
final class ContentRules {
  private ContentRules() {}

  /** Shape: sizes of the input from start to end. */
  static Optional<List<Term>> shape(ShapeCall call) {
    Shape shape = call.shape(0);
    if (!shape.ranked()) {
      return Optional.empty();
    }
    int rank = shape.rank();
    int start = clamp(call.node().intAttribute("start", 0), rank);
    int end = clamp(call.node().intAttribute("end", rank), rank);
    return Optional.of(
        shape.dims().subList(start, Math.max(start, end)).stream().map(Term::of).toList());
  }

  private static int clamp(long axis, int rank) {
    return Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
  }

  static Optional<List<Term>> size(ShapeCall call) {
    return Optional.of(List.of(call.in(0).count()));
  }

  static Optional<List<Term>> first(ShapeCall call) {
    return call.in(0).content();
  }

  /** Cast and Identity among integers. */
  static Optional<List<Term>> cast(ShapeCall call) {
    ElementType to = ElementType.ofCode(call.node().intAttribute("to", 0));
    return to == ElementType.INT64 || to == ElementType.INT32
        ? call.in(0).content()
        : Optional.empty();
  }

  static Optional<List<Term>> gather(ShapeCall call) {
    Optional<List<Term>> data = call.in(0).content();
    Optional<long[]> indices = call.in(1).constants();
    if (data.isEmpty() || indices.isEmpty() || call.shape(0).rank() != 1) {
      return Optional.empty();
    }
    List<Term> picked = new ArrayList<>();
    for (long index : indices.get()) {
      picked.add(data.get().get(call.axis(index, data.get().size())));
    }
    return Optional.of(picked);
  }

  static Optional<List<Term>> concat(ShapeCall call) {
    List<Term> all = new ArrayList<>();
    for (Fact input : call.inputs()) {
      if (input.content().isEmpty()) {
        return Optional.empty();
      }
      all.addAll(input.content().get());
    }
    return Optional.of(all);
  }

  static Optional<List<Term>> slice(ShapeCall call) {
    Optional<List<Term>> data = call.in(0).content();
    Optional<long[]> starts = call.ints("starts", 1);
    Optional<long[]> ends = call.ints("ends", 2);
    Optional<long[]> steps = call.has(4) ? call.in(4).constants() : Optional.of(new long[] {1});
    boolean vector = call.shape(0).rank() == 1;
    if (!vector || data.isEmpty() || starts.isEmpty() || ends.isEmpty() || steps.isEmpty()) {
      return Optional.empty();
    }
    if (starts.get().length != 1 || ends.get().length != 1 || steps.get().length != 1) {
      return Optional.empty();
    }
    LayoutShapes.Range range =
        LayoutShapes.Range.of(data.get().size(), starts.get()[0], ends.get()[0], steps.get()[0]);
    List<Term> taken = new ArrayList<>();
    for (long i = 0; i < range.count(); i++) {
      taken.add(data.get().get((int) (range.start() + i * range.step())));
    }
    return Optional.of(taken);
  }

  /** ConstantOfShape of integers. */
  static Optional<List<Term>> constantOfShape(ShapeCall call) {
    Optional<long[]> sizes = call.in(0).constants();
    boolean small =
        sizes.isPresent()
            && sizes.get().length <= 1
            && (sizes.get().length == 0 || sizes.get()[0] <= Fact.CONTENT_LIMIT);
    if (!small
        || !(call.node().attributes().get("value") instanceof Attribute.OfTensor(var value))
        || !value.type().isInteger()) {
      return Optional.empty();
    }
    int count = sizes.get().length == 0 ? 1 : (int) sizes.get()[0];
    return Optional.of(java.util.Collections.nCopies(count, Term.of(value.longAt(0))));
  }

  /** Range over constants. */
  static Optional<List<Term>> range(ShapeCall call) {
    Optional<long[]> start = call.in(0).constants();
    Optional<long[]> delta = call.in(2).constants();
    Shape shape = IndexShapes.range(call);
    if (start.isEmpty()
        || delta.isEmpty()
        || !(shape.dim(0) instanceof Dim.Fixed(long count))
        || count > Fact.CONTENT_LIMIT) {
      return Optional.empty();
    }
    List<Term> values = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      values.add(Term.of(start.get()[0] + i * delta.get()[0]));
    }
    return Optional.of(values);
  }

  /**
   * Elementwise arithmetic; a single element goes with every element. What broadcasts otherwise is
   * not followed.
   */
  static ShapeRule.Content arithmetic(BinaryOperator<Term> operation) {
    return call -> {
      Optional<List<Term>> left = call.in(0).content();
      Optional<List<Term>> right = call.in(1).content();
      if (left.isEmpty() || right.isEmpty()) {
        return Optional.empty();
      }
      boolean one = left.get().size() == 1 || right.get().size() == 1;
      if (!one && !call.shape(0).equals(call.shape(1))) {
        return Optional.empty();
      }
      int count = Math.max(left.get().size(), right.get().size());
      if (left.get().isEmpty() || right.get().isEmpty()) {
        return Optional.of(List.of());
      }
      List<Term> result = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        result.add(operation.apply(at(left.get(), i), at(right.get(), i)));
      }
      return Optional.of(result);
    };
  }

  private static Term at(List<Term> terms, int index) {
    return terms.get(terms.size() == 1 ? 0 : index);
  }

  /** Division of sizes; ONNX rounds toward zero, which is down for what is not negative. */
  static Term divide(Term left, Term right) {
    boolean negative = left.factor() < 0 || right.factor() < 0;
    return negative ? Term.UNKNOWN : left.dividedBy(right);
  }

  static Optional<List<Term>> negate(ShapeCall call) {
    return call.in(0)
        .content()
        .map(terms -> terms.stream().map(term -> term.times(Term.of(-1))).toList());
  }

  /** ReduceProd of a vector: the number of elements of a shape. */
  static Optional<List<Term>> product(ShapeCall call) {
    return call.shape(0).rank() != 1
        ? Optional.empty()
        : call.in(0)
            .content()
            .map(terms -> List.of(terms.stream().reduce(Term.of(1), Term::times)));
  }

  /** Where with a constant condition is left unknown; equal branches are not. */
  static Optional<List<Term>> where(ShapeCall call) {
    Optional<List<Term>> yes = call.in(1).content();
    return yes.isPresent() && yes.equals(call.in(2).content()) ? yes : Optional.empty();
  }
}
