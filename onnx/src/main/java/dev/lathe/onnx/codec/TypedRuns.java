package dev.lathe.onnx.codec;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.onnx.codec.Fields.OfTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The elements of a tensor that stand in a field of their type rather than in {@code raw_data}: as
 * runs of the file, until the tensor's element type says what they are.
 */
final class TypedRuns {
  private final List<MemorySegment> runs = new ArrayList<>(0);
  private int field;
  private boolean mixed;

  void add(int ofField, MemorySegment run) {
    mixed |= !runs.isEmpty() && field != ofField;
    field = ofField;
    runs.add(run);
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /**
   * The elements as {@code raw_data} would have them.
   *
   * @param type the tensor's type, of fixed width
   * @param expected the bytes that the tensor's shape takes; nothing more is allocated
   * @param wrong makes the error
   * @return the elements; a slice of the file where that is enough
   */
  MemorySegment pack(ElementType type, long expected, Function<String, LatheException> wrong) {
    if (runs.isEmpty()) {
      return Arena.ofAuto().allocate(0);
    }
    if (mixed || field != fieldOf(type)) {
      throw wrong.apply(
          type + " elements in field " + field + " (expected: " + fieldOf(type) + ")");
    }
    boolean fixed = field == OfTensor.FLOAT_DATA || field == OfTensor.DOUBLE_DATA;
    if (fixed && runs.size() == 1) {
      return runs.getFirst();
    }
    int width = entryWidth(type);
    long found = fixed ? totalBytes() : Math.multiplyExact(count(wrong), (long) width);
    if (found != expected) {
      throw wrong.apply(found + " bytes of data (expected: " + expected + ")");
    }
    MemorySegment packed = Arena.ofAuto().allocate(expected, 64);
    if (fixed) {
      join(packed);
    } else {
      decode(packed, width, wrong);
    }
    return packed;
  }

  private static int fieldOf(ElementType type) {
    return switch (type) {
      case FLOAT, COMPLEX64 -> OfTensor.FLOAT_DATA;
      case DOUBLE, COMPLEX128 -> OfTensor.DOUBLE_DATA;
      case INT64 -> OfTensor.INT64_DATA;
      case UINT32, UINT64 -> OfTensor.UINT64_DATA;
      case STRING, UNDEFINED -> OfTensor.STRING_DATA;
      case UINT8,
          INT8,
          UINT16,
          INT16,
          INT32,
          BOOL,
          FLOAT16,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0,
          UINT4,
          INT4,
          FLOAT4E2M1,
          UINT2,
          INT2 ->
          OfTensor.INT32_DATA;
    };
  }

  /** Bytes that one entry of the field stands for; sub-byte types have a packed byte in each. */
  private static int entryWidth(ElementType type) {
    return Math.max(1, type.bits() / 8);
  }

  private long totalBytes() {
    return runs.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  private void join(MemorySegment packed) {
    long at = 0;
    for (MemorySegment run : runs) {
      MemorySegment.copy(run, 0, packed, at, run.byteSize());
      at += run.byteSize();
    }
  }

  /** A varint ends with the byte whose high bit is clear. */
  private long count(Function<String, LatheException> wrong) {
    long count = 0;
    for (MemorySegment run : runs) {
      long length = run.byteSize();
      for (long i = 0; i < length; i++) {
        count += ~run.get(ValueLayout.JAVA_BYTE, i) >>> 7 & 1;
      }
      if (length > 0 && run.get(ValueLayout.JAVA_BYTE, length - 1) < 0) {
        throw wrong.apply("its packed integers end inside a number");
      }
    }
    return count;
  }

  private void decode(MemorySegment packed, int width, Function<String, LatheException> wrong) {
    long to = 0;
    for (MemorySegment run : runs) {
      long at = 0;
      while (at < run.byteSize()) {
        long value = 0;
        int shift = 0;
        byte part;
        do {
          part = run.get(ValueLayout.JAVA_BYTE, at++);
          if (shift > 63) {
            throw wrong.apply("an integer of more than 64 bits");
          }
          value |= (long) (part & 0x7F) << shift;
          shift += 7;
        } while (part < 0);
        if (!fits(value, width)) {
          throw wrong.apply("element " + value + " does not fit " + width * 8 + " bits");
        }
        put(packed, to, width, value);
        to += width;
      }
    }
  }

  /** A value counts by its bits, signed or not, as writers differ in that. */
  private static boolean fits(long value, int width) {
    return width == 8 || value >= -1L << width * 8 - 1 && value < 1L << width * 8;
  }

  private static void put(MemorySegment packed, long to, int width, long value) {
    for (int i = 0; i < width; i++) {
      packed.set(ValueLayout.JAVA_BYTE, to + i, (byte) (value >>> i * 8));
    }
  }
}
