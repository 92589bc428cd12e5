package dev.lathe.server.grpc.wire;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a message field by field, as a cursor: {@link #next} goes to the next field, the other
 * methods say what it is. Nothing is copied but what is asked for; unknown fields cost their tag.
 * Reading never leaves the message, whatever lengths it claims.
 */
public final class WireReader {
  private static final ValueLayout.OfInt FIXED32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong FIXED64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int LONGEST_VARINT = 10;

  private final MemorySegment message;
  private final long end;
  private long position;
  private int field;
  private Wire wire = Wire.VARINT;

  /** The value of a field with a number, or the start of one with a length. */
  private long value;

  private long length;

  /** How a field is laid out. */
  public enum Wire {
    /** Seven bits a byte, the low ones first. */
    VARINT,
    /** Eight bytes, little-endian. */
    FIXED64,
    /** A length and as many bytes. */
    DELIMITED,
    /** Four bytes, little-endian. */
    FIXED32
  }

  /**
   * A reader before the first field.
   *
   * @param message a whole message
   */
  public WireReader(MemorySegment message) {
    this.message = message;
    this.end = message.byteSize();
  }

  /**
   * Goes to the next field.
   *
   * @return false at the end of the message
   * @throws LatheException BAD_REQUEST if the bytes are no message
   */
  public boolean next() {
    if (position == end) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    if (field == 0 || tag >>> 32 != 0) {
      throw malformed("field number " + (tag >>> 3));
    }
    switch ((int) tag & 7) {
      case 0 -> {
        wire = Wire.VARINT;
        value = varint();
      }
      case 1 -> {
        wire = Wire.FIXED64;
        value = message.get(FIXED64, advance(8));
      }
      case 2 -> {
        wire = Wire.DELIMITED;
        length = varint();
        value = advance(length);
      }
      case 5 -> {
        wire = Wire.FIXED32;
        value = message.get(FIXED32, advance(4));
      }
      default -> throw malformed("wire type " + (tag & 7) + " of field " + field);
    }
    return true;
  }

  /**
   * The number of this field.
   *
   * @return a number from 1
   */
  public int field() {
    return field;
  }

  /**
   * How this field is laid out.
   *
   * @return the layout
   */
  public Wire wire() {
    return wire;
  }

  /**
   * The value of a field of type int32, int64, uint32, uint64 or enum.
   *
   * @return the value; that of a smaller type is in the low bits
   */
  public long number() {
    require(Wire.VARINT);
    return value;
  }

  /**
   * The value of a field of type bool.
   *
   * @return the value
   */
  public boolean flag() {
    return number() != 0;
  }

  /**
   * The bits of a field of type double or fixed64.
   *
   * @return the bits
   */
  public long fixed64() {
    require(Wire.FIXED64);
    return value;
  }

  /**
   * The bits of a field of type float or fixed32.
   *
   * @return the bits
   */
  public int fixed32() {
    require(Wire.FIXED32);
    return (int) value;
  }

  /**
   * The content of a field with a length: bytes, a message, or packed numbers.
   *
   * @return a view of the message's memory
   */
  public MemorySegment bytes() {
    require(Wire.DELIMITED);
    return message.asSlice(value, length);
  }

  /**
   * The message in this field.
   *
   * @return a reader before its first field
   */
  public WireReader message() {
    return new WireReader(bytes());
  }

  /**
   * The text in this field.
   *
   * @return the text
   * @throws LatheException BAD_REQUEST if it is not UTF-8
   */
  public String text() {
    byte[] copy = bytes().toArray(ValueLayout.JAVA_BYTE);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(copy)).toString();
    } catch (CharacterCodingException e) {
      throw malformed("text of field " + field + " that is not UTF-8");
    }
  }

  /**
   * Reads one number from here, and goes beyond it: for numbers that are packed without tags.
   *
   * @return the value
   */
  public long varint() {
    long result = 0;
    for (int read = 0; read < LONGEST_VARINT; read++) {
      byte next = message.get(ValueLayout.JAVA_BYTE, advance(1));
      result |= (long) (next & 0x7F) << 7 * read;
      if (next >= 0) {
        return result;
      }
    }
    throw malformed("a number of more than " + LONGEST_VARINT + " bytes");
  }

  /**
   * Whether nothing is left.
   *
   * @return true at the end
   */
  public boolean atEnd() {
    return position == end;
  }

  private long advance(long bytes) {
    if (bytes < 0 || bytes > end - position) {
      throw malformed(
          Long.toUnsignedString(bytes) + " bytes at " + position + " where " + end + " is the end");
    }
    long start = position;
    position += bytes;
    return start;
  }

  private void require(Wire expected) {
    if (wire != expected) {
      throw malformed("field " + field + " as " + wire + " (expected: " + expected + ")");
    }
  }

  private static LatheException malformed(String what) {
    return new LatheException(
        ServerError.BAD_REQUEST, "the message does not follow its protocol: " + what);
  }
}
