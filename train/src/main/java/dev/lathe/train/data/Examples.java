package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A part of the data, as the network sees it.
 *
 * @param x normalized features, FLOAT [N, ...]
 * @param y targets as the loss takes them: INT64 [N] or FLOAT [N, K]
 */
public record Examples(Tensor x, Tensor y) {
  /**
   * The number of examples.
   *
   * @return N; 0 for a part that does not exist
   */
  public int size() {
    return Math.toIntExact(x.dim(0));
  }

  /**
   * Some of these examples.
   *
   * @param rows which, in order
   * @return new tensors
   */
  Examples pick(int[] rows) {
    return new Examples(pick(x, rows), pick(y, rows));
  }

  private static Tensor pick(Tensor all, int[] rows) {
    long[] dims = all.dims();
    dims[0] = rows.length;
    Tensor picked = Tensor.zeros(all.type(), dims);
    for (int i = 0; i < rows.length; i++) {
      copyRow(all, rows[i], picked.data(), i);
    }
    return picked;
  }

  /**
   * Copies one example's elements.
   *
   * @param all elements of all examples, [N, ...]
   * @param row which example
   * @param into elements of a batch, changed
   * @param place its place in the batch
   */
  public static void copyRow(Tensor all, int row, MemorySegment into, int place) {
    long bytes = all.type().byteSize(rowSize(all));
    MemorySegment.copy(all.data(), row * bytes, into, place * bytes, bytes);
  }

  /** Elements per example, also where there is none. */
  static long rowSize(Tensor all) {
    long product = 1;
    for (int axis = 1; axis < all.rank(); axis++) {
      product *= all.dim(axis);
    }
    return product;
  }

  /** The same examples with each one's features in another shape. */
  Examples shaped(long[] exampleDims) {
    long[] dims = new long[exampleDims.length + 1];
    dims[0] = x.dim(0);
    System.arraycopy(exampleDims, 0, dims, 1, exampleDims.length);
    return new Examples(x.reshaped(dims), y);
  }

  /** The same examples, class 0 or 1 as a number for a single score. */
  Examples binary() {
    Tensor numbers = Tensor.zeros(ElementType.FLOAT, size(), 1);
    for (int i = 0; i < size(); i++) {
      Floats.set(numbers, i, y.longAt(i));
    }
    return new Examples(x, numbers);
  }
}
