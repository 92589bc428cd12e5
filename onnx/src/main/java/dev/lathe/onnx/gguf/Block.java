package dev.lathe.onnx.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The bytes of one block. */
record Block(MemorySegment bytes, long start) {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  int unsigned(long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, start + at) & 0xff;
  }

  int signed(long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, start + at);
  }

  int low(long at) {
    return unsigned(at) & 0xf;
  }

  int high(long at) {
    return unsigned(at) >> 4;
  }

  int unsignedShort(long at) {
    return bytes.get(SHORT, start + at) & 0xffff;
  }

  int bits(long at) {
    return bytes.get(INT, start + at);
  }

  float half(long at) {
    return Float.float16ToFloat(bytes.get(SHORT, start + at));
  }

  float brain(long at) {
    return Float.intBitsToFloat(unsignedShort(at) << 16);
  }

  float single(long at) {
    return bytes.get(FLOAT, start + at);
  }

  float fromDouble(long at) {
    return (float) bytes.get(DOUBLE, start + at);
  }
}
