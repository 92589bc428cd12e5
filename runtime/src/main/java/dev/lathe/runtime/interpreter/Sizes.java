package dev.lathe.runtime.interpreter;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.RuntimeError;
import java.util.Arrays;

/**
 * Shapes, places and the limit on both: no value may have more elements than a sixteenth of the
 * heap holds as doubles, so that a wrong shape is an error and not an exhausted heap.
 */
public final class Sizes {
  /** The most elements of one value. */
  public static final long MOST_ELEMENTS =
      Math.min(1L << 28, Runtime.getRuntime().maxMemory() / Double.BYTES / 16);

  private static final int MOST_AXES = 64;

  private Sizes() {}

  /**
   * A shape within the limit.
   *
   * @param dims sizes
   * @return the sizes as ints
   * @throws LatheException TOO_LARGE, or BAD_SHAPE for a negative size
   */
  public static int[] require(long... dims) {
    long size = Tensor.sizeOf(dims);
    boolean wide = Arrays.stream(dims).anyMatch(dim -> dim > Integer.MAX_VALUE);
    if (size > MOST_ELEMENTS || dims.length > MOST_AXES || wide) {
      throw new LatheException(
          RuntimeError.TOO_LARGE,
          "shape "
              + Arrays.toString(dims)
              + ": "
              + size
              + " elements (expected: <= "
              + MOST_ELEMENTS
              + ")");
    }
    return Arrays.stream(dims).mapToInt(dim -> (int) dim).toArray();
  }

  static int[] require(int[] dims) {
    return require(Arrays.stream(dims).asLongStream().toArray());
  }

  /** The number of elements of a shape that was checked before. */
  static int count(int... dims) {
    int product = 1;
    for (int dim : dims) {
      product *= dim;
    }
    return product;
  }

  /** The product of sizes from one axis up to, not including, another. */
  static int count(int[] dims, int from, int to) {
    return count(Arrays.copyOfRange(dims, from, to));
  }

  /** How far apart neighbours along each axis lie. */
  static int[] strides(int[] dims) {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return strides;
  }

  /**
   * Places as a linear function of the index: {@code base + Σ index[axis]·steps[axis]}, in
   * row-major order of a shape.
   */
  static int[] places(int[] dims, int[] steps, int base) {
    int[] places = new int[count(dims)];
    int[] index = new int[dims.length];
    int place = base;
    for (int i = 0; i < places.length; i++) {
      places[i] = place;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        place += steps[axis];
        if (++index[axis] < dims[axis]) {
          break;
        }
        place -= dims[axis] * steps[axis];
        index[axis] = 0;
      }
    }
    return places;
  }

  /** The index, axis by axis, of a place in a shape. */
  static int[] index(int[] dims, int place) {
    int[] index = new int[dims.length];
    int rest = place;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = rest % dims[axis];
      rest /= dims[axis];
    }
    return index;
  }

  /** The place of an index in a shape. */
  static int place(int[] dims, int... index) {
    int place = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      place = place * dims[axis] + index[axis];
    }
    return place;
  }
}
