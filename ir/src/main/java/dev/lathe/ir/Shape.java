package dev.lathe.ir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A shape: dimensions from the outermost to the innermost, or nothing known at all.
 *
 * @param ranked whether the number of dimensions is known
 * @param dims the dimensions; empty if not ranked, or if a scalar
 * @param denotations ONNX's meaning of each axis ({@code DATA_BATCH}, …), or empty
 */
public record Shape(boolean ranked, List<Dim> dims, List<String> denotations) {
  /** Nothing known, not even the number of dimensions. */
  public static final Shape UNRANKED = new Shape(false, List.of(), List.of());

  /** A scalar: no dimensions, one element. */
  public static final Shape SCALAR = new Shape(true, List.of(), List.of());

  /** Copies its lists. */
  public Shape {
    dims = List.copyOf(dims);
    denotations = List.copyOf(denotations);
  }

  /**
   * A shape of known sizes; -1 stands for an unknown one.
   *
   * @param sizes sizes from the outermost inwards
   * @return the shape
   */
  public static Shape of(long... sizes) {
    List<Dim> dims = new ArrayList<>(sizes.length);
    for (long size : sizes) {
      dims.add(size == -1 ? Dim.UNKNOWN : Dim.of(size));
    }
    return of(dims);
  }

  /**
   * A shape of dimensions.
   *
   * @param dims dimensions from the outermost inwards
   * @return the shape
   */
  public static Shape of(List<Dim> dims) {
    return new Shape(true, dims, List.of());
  }

  /**
   * A shape whose first axis is the batch {@code N}, the rest known.
   *
   * @param rest sizes of the axes after the batch
   * @return the shape [N, rest…]
   */
  public static Shape batchOf(long... rest) {
    List<Dim> dims = new ArrayList<>(rest.length + 1);
    dims.add(Dim.of("N"));
    Arrays.stream(rest).mapToObj(Dim::of).forEach(dims::add);
    return of(dims);
  }

  /**
   * The number of dimensions.
   *
   * @return the rank, or -1 if not ranked
   */
  public int rank() {
    return ranked ? dims.size() : -1;
  }

  /**
   * One dimension.
   *
   * @param axis 0 to rank - 1, or negative from the end
   * @return the dimension
   */
  public Dim dim(int axis) {
    return dims.get(axis < 0 ? axis + dims.size() : axis);
  }

  /**
   * Whether every size is known.
   *
   * @return true if ranked and all fixed
   */
  public boolean isStatic() {
    return ranked && dims.stream().allMatch(Dim::isFixed);
  }

  /**
   * The sizes, -1 where unknown or symbolic.
   *
   * @return a new array
   */
  public long[] sizes() {
    return dims.stream().mapToLong(Dim::sizeOrMinusOne).toArray();
  }

  /**
   * Whether a concrete shape fits this one. Symbols are not compared with each other.
   *
   * @param sizes a concrete shape
   * @return true if ranks and known sizes agree
   */
  public boolean accepts(long... sizes) {
    if (!ranked) {
      return true;
    }
    if (sizes.length != dims.size()) {
      return false;
    }
    for (int i = 0; i < sizes.length; i++) {
      if (dims.get(i) instanceof Dim.Fixed fixed && fixed.size() != sizes[i]) {
        return false;
      }
    }
    return true;
  }

  /** The number of elements of a concrete shape, as {@link Tensor#sizeOf} says. */
  static long count(long... dims) {
    boolean empty = false;
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new LatheException(
            IrError.BAD_SHAPE, "shape " + Arrays.toString(dims) + ": negative size");
      }
      empty |= dim == 0;
      if (dim > 0 && product > Long.MAX_VALUE / dim) {
        throw new LatheException(
            IrError.BAD_SHAPE, "shape " + Arrays.toString(dims) + ": its size overflows");
      }
      product *= Math.max(dim, 1);
    }
    return empty ? 0 : product;
  }

  @Override
  public String toString() {
    return ranked
        ? dims.stream().map(Dim::toString).collect(Collectors.joining(", ", "[", "]"))
        : "[...]";
  }
}
