package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.TrainError;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Numbers that are not counted yet, outside the heap, up to a limit. */
public final class FloatList {
  /** One gibibyte of FLOAT. */
  static final int MOST = 1 << 28;

  private static final int BLOCK = 1 << 16;

  private final List<Tensor> full = new ArrayList<>();
  private final float[] block = new float[BLOCK];
  private int filled;

  /**
   * Adds a number.
   *
   * @param value the number
   * @throws LatheException TOO_LARGE beyond the limit
   */
  public void add(float value) {
    if (filled == block.length) {
      flush();
    }
    block[filled++] = value;
  }

  /**
   * Adds numbers.
   *
   * @param values the numbers
   * @throws LatheException TOO_LARGE beyond the limit
   */
  public void addAll(float[] values) {
    for (float value : values) {
      add(value);
    }
  }

  private void flush() {
    if ((full.size() + 1L) * BLOCK > MOST) {
      throw new LatheException(
          TrainError.TOO_LARGE, "data of more than " + MOST + " numbers (expected: fewer)");
    }
    full.add(Tensor.ofFloats(block, block.length));
    filled = 0;
  }

  /**
   * All numbers.
   *
   * @param dims a shape of as many elements
   * @return FLOAT of that shape
   */
  public Tensor toTensor(long... dims) {
    Tensor all = Tensor.zeros(ElementType.FLOAT, dims);
    long at = 0;
    for (Tensor one : full) {
      MemorySegment.copy(one.data(), 0, all.data(), at, one.byteSize());
      at += one.byteSize();
    }
    MemorySegment rest = MemorySegment.ofArray(block);
    MemorySegment.copy(rest, 0, all.data(), at, (long) filled * Float.BYTES);
    return all;
  }
}
