package dev.lathe.onnx.wire;

import dev.lathe.ir.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Builds one message. Small fields are gathered in heap memory; large runs of bytes are held by
 * reference until they are written, so that weights are never copied. Not safe for use by several
 * threads.
 */
public final class WireWriter {
  /** Runs of at least this many bytes are held by reference. */
  private static final int BY_REFERENCE = 1 << 16;

  private static final int STEP = 1 << 22;

  private final List<MemorySegment> chunks = new ArrayList<>();
  private byte[] tail = new byte[64];
  private int used;
  private long size;

  /**
   * The bytes so far.
   *
   * @return their number
   */
  public long size() {
    return size;
  }

  /**
   * Writes an integer field.
   *
   * @param field its number
   * @param value its value
   */
  public void varint(int field, long value) {
    tag(field, WireType.VARINT);
    rawVarint(value);
  }

  /**
   * Writes a FLOAT field.
   *
   * @param field its number
   * @param value its value
   */
  public void float32(int field, float value) {
    tag(field, WireType.FIXED32);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < 32; shift += 8) {
      put((byte) (bits >>> shift));
    }
  }

  /**
   * Writes a text field.
   *
   * @param field its number
   * @param text its value
   */
  public void text(int field, String text) {
    run(field, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes a text field unless it is empty.
   *
   * @param field its number
   * @param text its value
   */
  public void textIfAny(int field, String text) {
    if (!text.isEmpty()) {
      text(field, text);
    }
  }

  /**
   * Writes a field of bytes.
   *
   * @param field its number
   * @param bytes its value; must not change until all is written
   */
  public void run(int field, MemorySegment bytes) {
    tag(field, WireType.RUN);
    rawVarint(bytes.byteSize());
    append(bytes);
  }

  /**
   * Writes a nested message.
   *
   * @param field its number
   * @param body writes its fields
   */
  public void message(int field, Consumer<WireWriter> body) {
    WireWriter nested = new WireWriter();
    body.accept(nested);
    tag(field, WireType.RUN);
    rawVarint(nested.size);
    nested.chunks.forEach(this::append);
    append(MemorySegment.ofArray(nested.tail).asSlice(0, nested.used));
  }

  /**
   * Writes whole fields as they are.
   *
   * @param fields tags and values
   */
  public void raw(Bytes fields) {
    append(MemorySegment.ofArray(fields.toArray()));
  }

  /**
   * Writes everything to a channel.
   *
   * @param channel where to
   * @throws IOException if the channel fails
   */
  public void writeTo(WritableByteChannel channel) throws IOException {
    for (MemorySegment chunk : chunks) {
      write(chunk, channel);
    }
    write(MemorySegment.ofArray(tail).asSlice(0, used), channel);
  }

  /**
   * Writes a segment of any size to a channel.
   *
   * @param bytes the segment
   * @param channel where to
   * @throws IOException if the channel fails
   */
  public static void write(MemorySegment bytes, WritableByteChannel channel) throws IOException {
    for (long start = 0; start < bytes.byteSize(); start += STEP) {
      ByteBuffer step =
          bytes.asSlice(start, Math.min(STEP, bytes.byteSize() - start)).asByteBuffer();
      while (step.hasRemaining()) {
        channel.write(step);
      }
    }
  }

  /**
   * All bytes.
   *
   * @return a new array
   */
  public byte[] toArray() {
    byte[] all = new byte[Math.toIntExact(size)];
    int at = 0;
    for (MemorySegment chunk : chunks) {
      int length = (int) chunk.byteSize();
      MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, all, at, length);
      at += length;
    }
    System.arraycopy(tail, 0, all, at, used);
    return all;
  }

  private void tag(int field, WireType type) {
    rawVarint((long) field << 3 | type.code());
  }

  private void rawVarint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      put((byte) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    put((byte) rest);
  }

  private void put(byte one) {
    room(1);
    tail[used++] = one;
    size++;
  }

  private void append(MemorySegment bytes) {
    long length = bytes.byteSize();
    size += length;
    if (length >= BY_REFERENCE) {
      chunks.add(MemorySegment.ofArray(Arrays.copyOf(tail, used)));
      chunks.add(bytes);
      used = 0;
      return;
    }
    room((int) length);
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, tail, used, (int) length);
    used += (int) length;
  }

  private void room(int more) {
    if (used + more <= tail.length) {
      return;
    }
    if (used >= BY_REFERENCE) {
      chunks.add(MemorySegment.ofArray(Arrays.copyOf(tail, used)));
      used = 0;
    }
    if (used + more > tail.length) {
      tail = Arrays.copyOf(tail, Math.max(used + more, tail.length * 2));
    }
  }
}
