package dev.lathe.zoo.huggingface;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Floating-point numbers of other widths as FLOAT; those of 16 bits exactly. */
final class Widen {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Widen() {}

  /** A new tensor, off-heap. */
  static Tensor toFloat(Tensor narrow) {
    Tensor wide = Tensor.zeros(ElementType.FLOAT, narrow.dims());
    MemorySegment from = narrow.data();
    MemorySegment to = wide.data();
    long size = narrow.size();
    switch (narrow.type()) {
      case BFLOAT16 -> {
        for (long i = 0; i < size; i++) {
          to.set(INT, 4 * i, from.get(SHORT, 2 * i) << 16);
        }
      }
      case FLOAT16 -> {
        for (long i = 0; i < size; i++) {
          to.set(FLOAT, 4 * i, Float.float16ToFloat(from.get(SHORT, 2 * i)));
        }
      }
      case DOUBLE -> {
        for (long i = 0; i < size; i++) {
          to.set(FLOAT, 4 * i, (float) from.get(DOUBLE, 8 * i));
        }
      }
      default -> throw new IllegalArgumentException(narrow.toString());
    }
    return wide;
  }
}
