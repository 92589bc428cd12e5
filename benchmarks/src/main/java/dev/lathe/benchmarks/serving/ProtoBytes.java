package dev.lathe.benchmarks.serving;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * As much of the wire format of Protocol Buffers as a client needs: fields of bytes, which texts,
 * messages and packed numbers are, and of numbers.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Encoding</a>
 */
final class ProtoBytes {
  private static final int NUMBER = 0;
  private static final int BYTES = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  ProtoBytes with(int field, byte[] value) {
    number((long) field << 3 | BYTES);
    number(value.length);
    out.writeBytes(value);
    return this;
  }

  ProtoBytes with(int field, String text) {
    return with(field, text.getBytes(StandardCharsets.UTF_8));
  }

  ProtoBytes with(int field, ProtoBytes message) {
    return with(field, message.bytes());
  }

  /** Numbers one after the other, as a field of bytes. */
  ProtoBytes packed(int field, long... values) {
    ProtoBytes numbers = new ProtoBytes();
    for (long value : values) {
      numbers.number(value);
    }
    return with(field, numbers);
  }

  private void number(long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** The values of a field of bytes; empty if the message has none. */
  static List<ByteBuffer> of(ByteBuffer message, int field) {
    List<ByteBuffer> values = new ArrayList<>();
    ByteBuffer in = message.duplicate();
    while (in.hasRemaining()) {
      long key = next(in);
      switch ((int) (key & 7)) {
        case NUMBER -> next(in);
        case BYTES -> {
          int length = Math.toIntExact(next(in));
          if (key >>> 3 == field) {
            values.add(in.slice(in.position(), length));
          }
          in.position(in.position() + length);
        }
        default -> throw new IllegalArgumentException("field " + (key >>> 3) + " of another kind");
      }
    }
    return values;
  }

  /** The text of a field; empty if the message has none. */
  static String text(ByteBuffer message, int field) {
    List<ByteBuffer> values = of(message, field);
    return values.isEmpty() ? "" : StandardCharsets.UTF_8.decode(values.getLast()).toString();
  }

  private static long next(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte part = in.get();
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }
}
