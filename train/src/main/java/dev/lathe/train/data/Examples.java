package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A part of the data, as the network sees it.
 *
 * @param x normalized features, FLOAT [N, ...]
 * @param y targets as the loss takes them: INT64 [N] or FLOAT [N, K]
 */
public record Examples(Tensor x, Tensor y) implements Part {
  private static final long SHUFFLE = 2;

  @Override
  public int size() {
    return Math.toIntExact(x.dim(0));
  }

  @Override
  public List<Column> columns() {
    return List.of(column(FEATURES, x), column(TARGET, y));
  }

  private static Column column(String name, Tensor all) {
    return new Column(
        name, all.type(), Arrays.stream(all.dims()).skip(1).boxed().collect(Collectors.toList()));
  }

  @Override
  public Cursor inOrder() {
    return new Rows(this, IntStream.range(0, size()).toArray());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    return new Rows(this, new Dice(seed, SHUFFLE, epoch).permutation(size()));
  }

  @Override
  public boolean isInMemory() {
    return true;
  }

  /** Rows of the tensors in some order. */
  private static final class Rows implements Cursor {
    private final List<Tensor> columns;
    private final int[] order;
    private int at;

    Rows(Examples examples, int[] order) {
      this.columns = List.of(examples.x(), examples.y());
      this.order = order;
    }

    @Override
    public boolean next(List<MemorySegment> into, int place) {
      if (at == order.length) {
        return false;
      }
      for (int i = 0; i < into.size(); i++) {
        copyRow(columns.get(i), order[at], into.get(i), place);
      }
      at++;
      return true;
    }

    @Override
    public void skip(long count) {
      at = (int) Math.min(order.length, at + count);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
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

  private static void copyRow(Tensor all, int row, MemorySegment into, int place) {
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
