package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import java.util.List;

/**
 * One value that every example has.
 *
 * @param name what the graph calls it: {@link Part#FEATURES}, {@link Part#TARGET}, or another input
 * @param type its element type, of fixed width
 * @param dims the shape of one example's value
 */
public record Column(String name, ElementType type, List<Long> dims) {
  /** Copies the sizes. */
  public Column {
    dims = List.copyOf(dims);
  }

  /**
   * The shape of a batch.
   *
   * @param size examples in it
   * @return the size and the sizes of one example
   */
  public long[] batchDims(int size) {
    long[] all = new long[dims.size() + 1];
    all[0] = size;
    for (int i = 0; i < dims.size(); i++) {
      all[i + 1] = dims.get(i);
    }
    return all;
  }

  /**
   * Bytes of one example's value.
   *
   * @return a multiple of the element's width
   */
  public long bytes() {
    return type.byteSize(dims.stream().reduce(1L, Math::multiplyExact));
  }
}
