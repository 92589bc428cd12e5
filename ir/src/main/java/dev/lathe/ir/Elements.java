package dev.lathe.ir;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Reads and writes single elements of any real numeric type in a little-endian segment.
 *
 * <p>Writing rounds to nearest, ties to even. Integers saturate at their ends; the small floating
 * types follow {@link MiniFloat}.
 */
public final class Elements {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final double TWO_63 = 0x1p63;

  private Elements() {}

  /**
   * Reads an element as a double.
   *
   * @param type a real numeric type or BOOL
   * @param data packed elements
   * @param index the element's place
   * @return its value; 64-bit integers beyond 2⁵³ are rounded
   * @throws LatheException TYPE_MISMATCH for STRING, UNDEFINED and complex types
   */
  public static double read(ElementType type, MemorySegment data, long index) {
    return switch (type) {
      case FLOAT -> Float.intBitsToFloat(data.get(INT, index * 4));
      case DOUBLE -> Double.longBitsToDouble(data.get(LONG, index * 8));
      case FLOAT16 -> Float.float16ToFloat(data.get(SHORT, index * 2));
      case BFLOAT16 -> Float.intBitsToFloat(data.get(SHORT, index * 2) << 16);
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
          MiniFloat.of(type).decode(packed(type, data, index));
      case UINT64 -> unsignedToDouble(data.get(LONG, index * 8));
      case UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, UINT32, UINT4, INT4, UINT2, INT2 ->
          readLong(type, data, index);
      case UNDEFINED, STRING, COMPLEX64, COMPLEX128 -> throw notReal(type);
    };
  }

  /**
   * Reads an element of an integer type or BOOL.
   *
   * @param type an integer type or BOOL
   * @param data packed elements
   * @param index the element's place
   * @return its value; UINT64 by its bits
   * @throws LatheException TYPE_MISMATCH for other types
   */
  public static long readLong(ElementType type, MemorySegment data, long index) {
    return switch (type) {
      case UINT8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case BOOL -> data.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case UINT16 -> data.get(SHORT, index * 2) & 0xFFFF;
      case INT16 -> data.get(SHORT, index * 2);
      case INT32 -> data.get(INT, index * 4);
      case UINT32 -> data.get(INT, index * 4) & 0xFFFFFFFFL;
      case INT64, UINT64 -> data.get(LONG, index * 8);
      case UINT4, UINT2 -> packed(type, data, index);
      case INT4 -> (packed(type, data, index) << 28) >> 28;
      case INT2 -> (packed(type, data, index) << 30) >> 30;
      case UNDEFINED,
          FLOAT,
          STRING,
          FLOAT16,
          DOUBLE,
          COMPLEX64,
          COMPLEX128,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT4E2M1,
          FLOAT8E8M0 ->
          throw new LatheException(IrError.TYPE_MISMATCH, type + " (expected: an integer type)");
    };
  }

  /**
   * Writes an element, rounded to its type.
   *
   * @param type a real numeric type or BOOL (which stores whether the value is not zero)
   * @param data packed elements, changed in place
   * @param index the element's place
   * @param value the value
   * @throws LatheException TYPE_MISMATCH for STRING, UNDEFINED and complex types
   */
  public static void write(ElementType type, MemorySegment data, long index, double value) {
    switch (type) {
      case FLOAT -> data.set(INT, index * 4, Float.floatToRawIntBits((float) value));
      case DOUBLE -> data.set(LONG, index * 8, Double.doubleToRawLongBits(value));
      case FLOAT16 -> data.set(SHORT, index * 2, Float.floatToFloat16((float) value));
      case BFLOAT16 -> data.set(SHORT, index * 2, toBfloat16((float) value));
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
          pack(type, data, index, MiniFloat.of(type).encode(value));
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, index, (byte) (value != 0 ? 1 : 0));
      case UINT64 -> data.set(LONG, index * 8, doubleToUnsigned(Math.rint(value)));
      case INT64 -> data.set(LONG, index * 8, (long) Math.rint(value));
      case UINT8, INT8, UINT16, INT16, INT32, UINT32, UINT4, INT4, UINT2, INT2 ->
          writeSaturated(type, data, index, Math.rint(value));
      case UNDEFINED, STRING, COMPLEX64, COMPLEX128 -> throw notReal(type);
    }
  }

  private static void writeSaturated(
      ElementType type, MemorySegment data, long index, double value) {
    int bits = type.bits();
    double low = type.isUnsigned() ? 0 : -Math.scalb(1.0, bits - 1);
    double high = Math.scalb(1.0, type.isUnsigned() ? bits : bits - 1) - 1;
    long clamped = (long) Math.min(Math.max(value, low), high);
    switch (bits) {
      case 32 -> data.set(INT, index * 4, (int) clamped);
      case 16 -> data.set(SHORT, index * 2, (short) clamped);
      default -> pack(type, data, index, (int) clamped);
    }
  }

  private static int packed(ElementType type, MemorySegment data, long index) {
    int bits = type.bits();
    int perByte = 8 / bits;
    int shift = (int) (index % perByte) * bits;
    return (data.get(ValueLayout.JAVA_BYTE, index / perByte) >>> shift) & ((1 << bits) - 1);
  }

  private static void pack(ElementType type, MemorySegment data, long index, int value) {
    int bits = type.bits();
    int perByte = 8 / bits;
    int shift = (int) (index % perByte) * bits;
    int mask = ((1 << bits) - 1) << shift;
    int old = data.get(ValueLayout.JAVA_BYTE, index / perByte);
    data.set(
        ValueLayout.JAVA_BYTE, index / perByte, (byte) (old & ~mask | (value << shift) & mask));
  }

  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  private static double unsignedToDouble(long bits) {
    return bits >= 0 ? bits : (double) (bits >>> 1 | bits & 1) * 2;
  }

  private static long doubleToUnsigned(double value) {
    if (!(value > 0)) {
      return 0;
    }
    if (value >= 2 * TWO_63) {
      return -1L;
    }
    return value < TWO_63 ? (long) value : (long) (value - TWO_63) ^ Long.MIN_VALUE;
  }

  private static LatheException notReal(ElementType type) {
    return new LatheException(
        IrError.TYPE_MISMATCH, type + " (expected: a real numeric type or BOOL)");
  }
}
