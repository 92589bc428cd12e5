package dev.lathe.server.grpc;

import dev.lathe.ir.Bytes;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code InferTensorContents} of one datatype: elements in the field that belongs to it, packed or
 * not. First all parts are counted, then copied.
 */
final class TypedContents {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String input;
  private final Datatype type;
  private final int field;
  private final List<Bytes> strings = new ArrayList<>();
  private long count;
  private long copied;

  /** No elements yet. */
  TypedContents(String input, Datatype type) {
    this.input = input;
    this.type = type;
    this.field =
        switch (type) {
          case BOOL -> 1;
          case INT8, INT16, INT32 -> 2;
          case INT64 -> 3;
          case UINT8, UINT16, UINT32 -> 4;
          case UINT64 -> 5;
          case FP32 -> 6;
          case FP64 -> 7;
          case BYTES -> 8;
          case FP16, BF16 -> 0;
        };
  }

  /** Counts the elements of a part; of byte strings keeps them. */
  void count(MemorySegment part) {
    WireReader fields = new WireReader(part);
    while (fields.next()) {
      if (fields.field() != field) {
        throw wrongField(fields.field());
      }
      count += count(fields);
    }
  }

  /** How many elements were counted. */
  long count() {
    return count;
  }

  /** The byte strings that were counted. */
  List<Bytes> strings() {
    return strings;
  }

  /** Copies the elements of a part behind those of the part before. */
  void copy(MemorySegment part, MemorySegment into) {
    WireReader fields = new WireReader(part);
    while (fields.next()) {
      switch (fields.wire()) {
        case VARINT -> put(into, fields.number());
        case FIXED32 -> into.set(INT, 4 * copied++, fields.fixed32());
        case FIXED64 -> into.set(LONG, 8 * copied++, fields.fixed64());
        case DELIMITED -> packed(fields, into);
      }
    }
  }

  private long count(WireReader fields) {
    if (type == Datatype.BYTES) {
      if (strings.size() == InputTensors.MOST_STRINGS) {
        throw bad("more than " + InputTensors.MOST_STRINGS + " elements of BYTES");
      }
      strings.add(Bytes.wrap(fields.bytes().toArray(ValueLayout.JAVA_BYTE)));
      return 1;
    }
    if (fields.wire() != WireReader.Wire.DELIMITED) {
      return switch (type) {
        case FP32 -> one(fields.fixed32());
        case FP64 -> one(fields.fixed64());
        default -> one(fields.number());
      };
    }
    return switch (type) {
      case FP32 -> whole(fields.bytes().byteSize(), 4);
      case FP64 -> whole(fields.bytes().byteSize(), 8);
      default -> varints(fields.bytes());
    };
  }

  /** Reading the value was the check that the field has the layout of the type. */
  private static long one(long value) {
    return 1;
  }

  private long whole(long bytes, int width) {
    if (bytes % width != 0) {
      throw bad(bytes + " bytes of packed " + type + " (expected: a multiple of " + width + ")");
    }
    return bytes / width;
  }

  private static long varints(MemorySegment packed) {
    long found = 0;
    for (long i = 0; i < packed.byteSize(); i++) {
      found += packed.get(ValueLayout.JAVA_BYTE, i) >= 0 ? 1 : 0;
    }
    return found;
  }

  private void packed(WireReader fields, MemorySegment into) {
    MemorySegment packed = fields.bytes();
    if (type == Datatype.FP32 || type == Datatype.FP64) {
      int width = type.element().bits() / 8;
      MemorySegment.copy(packed, 0, into, copied * width, packed.byteSize());
      copied += packed.byteSize() / width;
      return;
    }
    WireReader numbers = fields.message();
    while (!numbers.atEnd()) {
      put(into, numbers.varint());
    }
  }

  private void put(MemorySegment into, long value) {
    long index = copied++;
    switch (type) {
      case BOOL -> into.set(ValueLayout.JAVA_BYTE, index, (byte) (value == 0 ? 0 : 1));
      case INT8 -> into.set(ValueLayout.JAVA_BYTE, index, (byte) within(index, (int) value));
      case UINT8 -> into.set(ValueLayout.JAVA_BYTE, index, (byte) within(index, unsigned(value)));
      case INT16 -> into.set(SHORT, 2 * index, (short) within(index, (int) value));
      case UINT16 -> into.set(SHORT, 2 * index, (short) within(index, unsigned(value)));
      case INT32, UINT32 -> into.set(INT, 4 * index, (int) value);
      case INT64, UINT64 -> into.set(LONG, 8 * index, value);
      case FP16, BF16, FP32, FP64, BYTES -> throw new IllegalStateException(type + " as a number");
    }
  }

  private static long unsigned(long value) {
    return value & 0xFFFF_FFFFL;
  }

  private long within(long index, long value) {
    int bits = type.element().bits();
    boolean signed = !type.element().isUnsigned();
    long low = signed ? -1L << bits - 1 : 0;
    long high = signed ? ~low : (1L << bits) - 1;
    if (value < low || value > high) {
      throw bad(
          value
              + " at element "
              + index
              + " (expected: an integer from "
              + low
              + " to "
              + high
              + " for datatype "
              + type
              + ")");
    }
    return value;
  }

  private LatheException wrongField(int found) {
    return bad(
        field == 0
            ? "contents of datatype " + type + " (expected: raw_input_contents)"
            : "field "
                + found
                + " of contents for datatype "
                + type
                + " (expected: field "
                + field
                + ")");
  }

  private LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, "input \"" + input + "\": " + message);
  }
}
