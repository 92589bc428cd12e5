package dev.lathe.transform.shape;

import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a value.
 *
 * @param element its element type, UNDEFINED if not known
 * @param shape its shape
 * @param content its elements, row-major, if it is a short INT64 or INT32 tensor of rank 0 or 1
 *     that says something about shapes
 * @param numbers its elements, if it is a short constant of floating type and rank 1 or less; the
 *     scales of a Resize, say
 */
public record Fact(
    ElementType element,
    Shape shape,
    Optional<List<Term>> content,
    Optional<List<Double>> numbers) {
  /** Nothing known. */
  public static final Fact UNKNOWN = of(ElementType.UNDEFINED, Shape.UNRANKED);

  /** No tensor longer than this is looked into. */
  public static final int CONTENT_LIMIT = 256;

  /**
   * A type without content.
   *
   * @param element element type
   * @param shape shape
   * @return the fact
   */
  public static Fact of(ElementType element, Shape shape) {
    return of(element, shape, Optional.empty());
  }

  /**
   * A type with content.
   *
   * @param element element type
   * @param shape shape
   * @param content elements, if known
   * @return the fact
   */
  public static Fact of(ElementType element, Shape shape, Optional<List<Term>> content) {
    return new Fact(element, shape, content, Optional.empty());
  }

  /**
   * What is known of a constant.
   *
   * @param tensor the constant
   * @return its type, and its content if it is a short integer one
   */
  public static Fact of(Tensor tensor) {
    Shape shape = Shape.of(tensor.dims());
    boolean shapely = tensor.type() == ElementType.INT64 || tensor.type() == ElementType.INT32;
    boolean small = tensor.rank() <= 1 && tensor.size() <= CONTENT_LIMIT;
    if (small && tensor.type().isFloating()) {
      List<Double> numbers = Arrays.stream(tensor.toDoubles()).boxed().toList();
      return new Fact(tensor.type(), shape, Optional.empty(), Optional.of(numbers));
    }
    if (!shapely || !small) {
      return of(tensor.type(), shape);
    }
    List<Term> content = new ArrayList<>();
    for (int i = 0; i < tensor.size(); i++) {
      content.add(Term.of(tensor.longAt(i)));
    }
    return of(tensor.type(), shape, Optional.of(content));
  }

  /**
   * What a type says.
   *
   * @param type any type
   * @return the fact; {@link #UNKNOWN} unless a dense tensor's
   */
  public static Fact of(ValueType type) {
    return type instanceof ValueType.TensorType(ElementType element, Shape shape)
        ? of(element, shape)
        : UNKNOWN;
  }

  /**
   * This as a type.
   *
   * @return a tensor type, or {@link ValueType#UNKNOWN}
   */
  public ValueType type() {
    return element == ElementType.UNDEFINED ? ValueType.UNKNOWN : ValueType.tensor(element, shape);
  }

  /**
   * The content, if every element is a plain integer.
   *
   * @return a new array
   */
  public Optional<long[]> constants() {
    return content
        .filter(terms -> terms.stream().allMatch(Term::isConstant))
        .map(terms -> terms.stream().mapToLong(Term::factor).toArray());
  }

  /**
   * The size along an axis as a term.
   *
   * @param axis the axis, negative from the end
   * @return the size
   */
  public Term size(int axis) {
    return Term.of(shape.dim(axis));
  }

  /**
   * The number of elements.
   *
   * @return unknown if not ranked
   */
  public Term count() {
    if (!shape.ranked()) {
      return Term.UNKNOWN;
    }
    Term product = Term.of(1);
    for (Dim dim : shape.dims()) {
      product = product.times(Term.of(dim));
    }
    return product;
  }
}
