package dev.lathe.server.oip;

import static dev.lathe.server.oip.BodyReader.bad;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The binary tensors of a request: little-endian, row-major, one after another. Each goes straight
 * into off-heap memory, which beyond a few mebibytes grows with what has come, never with what was
 * promised.
 */
final class BinaryTail {
  private static final int CHUNK = 32 << 10;

  /** So much is allocated on a promise. */
  private static final long TRUSTED = 4L << 20;

  private final InputStream body;
  private final RequestMemory memory;

  BinaryTail(InputStream body, RequestMemory memory) {
    this.body = body;
    this.memory = memory;
  }

  /**
   * Reads the next tensor.
   *
   * @param name the input's name, for messages
   * @param type a fixed-width type of whole bytes, or STRING
   * @param shape its shape
   * @param bytes how many bytes it has; for a fixed width those of the shape
   */
  Tensor read(String name, ElementType type, long[] shape, long bytes) {
    try {
      if (type == ElementType.STRING) {
        return strings(name, shape, bytes);
      }
      MemorySegment data = segment(name, bytes);
      if (type == ElementType.BOOL) {
        requireTruths(name, data);
      }
      return Tensor.of(type, shape, data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Refuses bytes that belong to no tensor. */
  void requireEnd() {
    try {
      if (body.read() >= 0) {
        throw bad("the body goes on after the last tensor's \"binary_data_size\" bytes");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads whatever is left.
   *
   * @param likely how much that is; only a hint
   */
  MemorySegment rest(long likely) throws IOException {
    byte[] chunk = new byte[CHUNK];
    MemorySegment data = memory.take(Math.clamp(likely, 1, TRUSTED));
    long filled = 0;
    for (int read = body.read(chunk, 0, CHUNK); read >= 0; read = body.read(chunk, 0, CHUNK)) {
      if (filled + read > data.byteSize()) {
        data = memory.larger(data, Math.max(filled + read, data.byteSize() * 2), filled);
      }
      MemorySegment.copy(chunk, 0, data, ValueLayout.JAVA_BYTE, filled, read);
      filled += read;
    }
    return data.asSlice(0, filled);
  }

  private MemorySegment segment(String name, long bytes) throws IOException {
    byte[] chunk = new byte[(int) Math.min(CHUNK, bytes)];
    MemorySegment data = memory.take(Math.min(bytes, TRUSTED));
    long filled = 0;
    while (filled < bytes) {
      if (filled == data.byteSize()) {
        data = memory.larger(data, Math.min(bytes, filled * 2), filled);
      }
      long room = Math.min(bytes, data.byteSize()) - filled;
      int read = body.read(chunk, 0, (int) Math.min(chunk.length, room));
      if (read < 0) {
        throw ended(name, filled, bytes);
      }
      MemorySegment.copy(chunk, 0, data, ValueLayout.JAVA_BYTE, filled, read);
      filled += read;
    }
    return data.asSlice(0, bytes);
  }

  private Tensor strings(String name, long[] shape, long bytes) throws IOException {
    InputElements.requireFew(name, Tensor.sizeOf(shape));
    byte[] packed = body.readNBytes((int) Math.min(bytes, Integer.MAX_VALUE - 8));
    if (packed.length < bytes) {
      throw ended(name, packed.length, bytes);
    }
    return ByteStrings.tensor(unpack(name, packed, Tensor.sizeOf(shape)), shape);
  }

  /** Elements of four bytes of length, then as many bytes. */
  private static List<Bytes> unpack(String name, byte[] packed, long count) {
    ByteBuffer in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
    List<Bytes> elements = new ArrayList<>((int) Math.min(count, packed.length / 4));
    while (in.hasRemaining()) {
      InputElements.requireFew(name, elements.size() + 1L);
      int length = in.remaining() < 4 ? -1 : in.getInt();
      if (length < 0 || length > in.remaining()) {
        throw bad(
            "input \""
                + name
                + "\": element "
                + elements.size()
                + " leaves its tensor (expected: a length of 4 bytes, then as many bytes)");
      }
      int start = in.position();
      elements.add(Bytes.wrap(Arrays.copyOfRange(packed, start, start + length)));
      in.position(start + length);
    }
    if (elements.size() != count) {
      throw bad(
          "input \"" + name + "\": " + elements.size() + " elements (expected: " + count + ")");
    }
    return elements;
  }

  static void requireTruths(String name, MemorySegment data) {
    for (long i = 0; i < data.byteSize(); i++) {
      byte value = data.get(ValueLayout.JAVA_BYTE, i);
      if ((value & ~1) != 0) {
        throw bad(
            "input \""
                + name
                + "\": byte "
                + (value & 0xFF)
                + " at element "
                + i
                + " (expected: 0 or 1 for datatype BOOL)");
      }
    }
  }

  private static RuntimeException ended(String name, long found, long expected) {
    return bad(
        "input \""
            + name
            + "\": the body ends after "
            + found
            + " of its bytes (expected: "
            + expected
            + ")");
  }
}
