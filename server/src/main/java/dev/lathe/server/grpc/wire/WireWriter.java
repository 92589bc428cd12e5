package dev.lathe.server.grpc.wire;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes a message field by field. As the third version of the language says, a number that is 0, a
 * flag that is false and an empty text leave no field. Large contents are kept by reference until
 * the message is sent.
 */
public final class WireWriter {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int DELIMITED = 2;
  private static final int SMALLEST = 64;

  private final List<MemorySegment> parts = new ArrayList<>(1);
  private byte[] buffer = new byte[SMALLEST];
  private int used;
  private long before;

  /** An empty message. */
  public WireWriter() {}

  /**
   * A message that fields are added to.
   *
   * @param fields adds the fields
   * @return the message
   */
  public static WireWriter of(Consumer<WireWriter> fields) {
    WireWriter message = new WireWriter();
    fields.accept(message);
    return message;
  }

  /**
   * A field of type int64, uint64, uint32 or enum.
   *
   * @param field its number
   * @param value its value
   * @return this message
   */
  public WireWriter number(int field, long value) {
    return value == 0 ? this : numberOf(field, value);
  }

  /**
   * A field with a number that is written even if it is 0, as those of a {@code oneof} are.
   *
   * @param field its number
   * @param value its value; a flag is 0 or 1
   * @return this message
   */
  public WireWriter numberOf(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  /**
   * A field of type double that is written even if it is 0.
   *
   * @param field its number
   * @param value its value
   * @return this message
   */
  public WireWriter realOf(int field, double value) {
    tag(field, FIXED64);
    long bits = Double.doubleToRawLongBits(value);
    room(8);
    for (int i = 0; i < 8; i++) {
      buffer[used++] = (byte) (bits >>> 8 * i);
    }
    return this;
  }

  /**
   * A field of type string.
   *
   * @param field its number
   * @param value its value
   * @return this message
   */
  public WireWriter text(int field, String value) {
    return value.isEmpty() ? this : textOf(field, value);
  }

  /**
   * A field of type string that is written even if it is empty, as those of a {@code oneof} and of
   * a list are.
   *
   * @param field its number
   * @param value its value
   * @return this message
   */
  public WireWriter textOf(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A field of type bytes, empty or not.
   *
   * @param field its number
   * @param value its value, copied
   * @return this message
   */
  public WireWriter bytes(int field, byte[] value) {
    tag(field, DELIMITED);
    varint(value.length);
    room(value.length);
    System.arraycopy(value, 0, buffer, used, value.length);
    used += value.length;
    return this;
  }

  /**
   * A field of type bytes whose value is kept by reference.
   *
   * @param field its number
   * @param value its value; it must not change until the message is sent
   * @return this message
   */
  public WireWriter bytes(int field, MemorySegment value) {
    tag(field, DELIMITED);
    varint(value.byteSize());
    cut();
    parts.add(value);
    before += value.byteSize();
    return this;
  }

  /**
   * A field that is a message.
   *
   * @param field its number
   * @param fields adds the fields of the message inside
   * @return this message
   */
  public WireWriter message(int field, Consumer<WireWriter> fields) {
    return message(field, of(fields));
  }

  /**
   * A field that is a message.
   *
   * @param field its number
   * @param inner the message inside; not to be used any more
   * @return this message
   */
  public WireWriter message(int field, WireWriter inner) {
    tag(field, DELIMITED);
    varint(inner.size());
    if (inner.parts.isEmpty()) {
      room(inner.used);
      System.arraycopy(inner.buffer, 0, buffer, used, inner.used);
      used += inner.used;
    } else {
      cut();
      parts.addAll(inner.parts());
      before += inner.size();
    }
    return this;
  }

  /**
   * A field that is a list of numbers, packed.
   *
   * @param field its number
   * @param values its values
   * @return this message
   */
  public WireWriter packed(int field, long... values) {
    if (values.length == 0) {
      return this;
    }
    WireWriter inner = new WireWriter();
    for (long value : values) {
      inner.varint(value);
    }
    return message(field, inner);
  }

  /**
   * The length of the message so far.
   *
   * @return bytes
   */
  public long size() {
    return before + used;
  }

  /**
   * The message's bytes, in pieces.
   *
   * @return views; valid as long as nothing is added
   */
  public List<MemorySegment> parts() {
    List<MemorySegment> all = new ArrayList<>(parts);
    if (used > 0) {
      all.add(MemorySegment.ofArray(buffer).asSlice(0, used));
    }
    return all;
  }

  private void tag(int field, int wire) {
    varint((long) field << 3 | wire);
  }

  private void varint(long value) {
    room(10);
    long left = value;
    while ((left & ~0x7FL) != 0) {
      buffer[used++] = (byte) (left & 0x7F | 0x80);
      left >>>= 7;
    }
    buffer[used++] = (byte) left;
  }

  private void room(int more) {
    if (buffer.length - used < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, used + more));
    }
  }

  /** Ends the piece that is being filled. */
  private void cut() {
    if (used > 0) {
      parts.add(MemorySegment.ofArray(buffer).asSlice(0, used));
      before += used;
      buffer = new byte[SMALLEST];
      used = 0;
    }
  }
}
