package dev.lathe.runtime.interpreter;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Elements;
import dev.lathe.ir.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Integers of a type's width, held in longs. */
final class Words {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Words() {}

  /** The value's low bits, as the type reads them. */
  static long wrap(ElementType type, long value) {
    if (type == ElementType.BOOL) {
      return value == 0 ? 0 : 1;
    }
    int unused = Long.SIZE - type.bits();
    return type.isUnsigned() ? value << unused >>> unused : value << unused >> unused;
  }

  static int compare(ElementType type, long a, long b) {
    return type == ElementType.UINT64 ? Long.compareUnsigned(a, b) : Long.compare(a, b);
  }

  static double toDouble(ElementType type, long value) {
    return type == ElementType.UINT64 && value < 0
        ? (double) (value >>> 1 | value & 1) * 2
        : (double) value;
  }

  /** Truncates towards zero, then wraps. */
  static long ofDouble(ElementType type, double value) {
    if (type == ElementType.BOOL) {
      return value != 0 ? 1 : 0;
    }
    if (type == ElementType.UINT64 && value >= 0x1p63) {
      return value >= 0x1p64 ? -1 : (long) (value - 0x1p63) ^ Long.MIN_VALUE;
    }
    return wrap(type, (long) value);
  }

  static Tensor toTensor(ElementType type, long[] values, long... dims) {
    Tensor tensor = Tensor.zeros(type, dims);
    boolean wide = type.bits() == Long.SIZE;
    for (int i = 0; i < values.length; i++) {
      if (wide) {
        tensor.data().setAtIndex(LONG, i, values[i]);
      } else {
        Elements.write(type, tensor.data(), i, values[i]);
      }
    }
    return tensor;
  }
}
