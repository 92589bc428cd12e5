package dev.lathe.server.oip;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Outputs as they follow the JSON of an answer: little-endian, row-major. */
final class BinaryAnswer {
  private static final int CHUNK = 64 << 10;

  private BinaryAnswer() {}

  /** How many bytes an output takes. */
  static long bytes(Tensor tensor) {
    if (tensor.type() != ElementType.STRING) {
      return tensor.data().byteSize();
    }
    return ByteStrings.of(tensor).stream().mapToLong(element -> 4L + element.size()).sum();
  }

  static void write(OutputStream out, Tensor tensor) throws IOException {
    if (tensor.type() == ElementType.STRING) {
      for (Bytes element : ByteStrings.of(tensor)) {
        int size = element.size();
        out.write(
            new byte[] {(byte) size, (byte) (size >> 8), (byte) (size >> 16), (byte) (size >> 24)});
        out.write(element.toArray());
      }
      return;
    }
    MemorySegment data = tensor.data();
    byte[] chunk = new byte[(int) Math.min(CHUNK, data.byteSize())];
    for (long at = 0; at < data.byteSize(); at += chunk.length) {
      int count = (int) Math.min(chunk.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, count);
      out.write(chunk, 0, count);
    }
  }
}
