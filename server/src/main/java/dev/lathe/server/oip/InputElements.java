package dev.lathe.server.oip;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Datatype;
import dev.lathe.server.ServerError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The elements of one input as they come: each JSON value is checked, rounded to the element type
 * and put into off-heap memory that grows with what has come, never with what a shape promises.
 */
final class InputElements {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int LONGEST_FOUND = 40;

  /** Byte strings of one input: each is an object, much larger than its bytes may be. */
  private static final int MOST_STRINGS = 1 << 20;

  private final String input;
  private final Datatype type;
  private final RequestMemory memory;
  private final int width;
  private final List<Bytes> strings = new ArrayList<>();
  private MemorySegment data;
  private long room;
  private long count;

  /**
   * No elements yet.
   *
   * @param input the input's name, for messages
   * @param expected how many elements are to be expected; only a hint
   */
  InputElements(String input, Datatype type, long expected, RequestMemory memory) {
    this.input = input;
    this.type = type;
    this.memory = memory;
    this.width = type.element().bits() / 8;
    this.data = width == 0 ? MemorySegment.NULL : memory.take(expected * width);
    this.room = width == 0 ? 0 : data.byteSize() / width;
  }

  long count() {
    return count;
  }

  /** Adds the value that the parser stands at. */
  void add(JsonParser json, JsonToken token) {
    if (type == Datatype.BYTES) {
      addString(json, token);
      return;
    }
    requireRoom();
    switch (type) {
      case FP32 -> data.set(FLOAT, count * 4, single(json, token));
      case FP64 -> data.set(DOUBLE, count * 8, real(json, token));
      case FP16 -> data.set(SHORT, count * 2, half(json, token));
      case BF16 -> data.set(SHORT, count * 2, brain(json, token));
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, count, truth(json, token));
      case INT8, UINT8 -> data.set(ValueLayout.JAVA_BYTE, count, (byte) integer(json, token));
      case INT16, UINT16 -> data.set(SHORT, count * 2, (short) integer(json, token));
      case INT32, UINT32 -> data.set(INT, count * 4, (int) integer(json, token));
      case INT64 -> data.set(LONG, count * 8, integer(json, token));
      case UINT64 -> data.set(LONG, count * 8, unsigned(json, token));
      case BYTES -> throw new IllegalStateException("strings have no width");
    }
    count++;
  }

  /** Whether elements are whole numbers of some width. */
  boolean isInteger() {
    return type.element().isInteger();
  }

  boolean isSingle() {
    return type == Datatype.FP32;
  }

  boolean isDouble() {
    return type == Datatype.FP64;
  }

  /** What an element may be, in words. */
  String range() {
    ElementType element = type.element();
    return element.isInteger()
        ? range(!element.isUnsigned(), element.bits())
        : "a number within " + type + "'s range";
  }

  /** Adds an element of datatype FP64; false if it is out of range. */
  boolean addDouble(double value) {
    if (Double.isInfinite(value)) {
      return false;
    }
    requireRoom();
    data.set(DOUBLE, count++ * 8, value);
    return true;
  }

  /** Adds an element of datatype FP32, FP16 or BF16; false if it is out of range. */
  boolean addFloat(float value) {
    requireRoom();
    if (type == Datatype.FP32) {
      data.set(FLOAT, count * 4, value);
      count += Float.isInfinite(value) ? 0 : 1;
      return !Float.isInfinite(value);
    }
    short half = type == Datatype.FP16 ? Float.floatToFloat16(value) : brain(value);
    if ((half & 0x7FFF) == (type == Datatype.FP16 ? 0x7C00 : 0x7F80)) {
      return false;
    }
    data.set(SHORT, count++ * 2, half);
    return true;
  }

  /** Adds an element of an integer datatype; false if it is out of range. */
  boolean addLong(long value) {
    ElementType element = type.element();
    int bits = element.bits();
    boolean fits =
        element.isUnsigned()
            ? value >= 0 && (bits == 64 || value >>> bits == 0)
            : value << 64 - bits >> 64 - bits == value;
    return fits && addBits(value);
  }

  /** Adds an element of an integer datatype; false if it is out of range. */
  boolean addInteger(BigInteger value) {
    if (type == Datatype.UINT64 && value.signum() >= 0 && value.bitLength() <= 64) {
      return addBits(value.longValue());
    }
    return value.bitLength() < 64 && addLong(value.longValue());
  }

  private boolean addBits(long value) {
    requireRoom();
    switch (width) {
      case 1 -> data.set(ValueLayout.JAVA_BYTE, count, (byte) value);
      case 2 -> data.set(SHORT, count * 2, (short) value);
      case 4 -> data.set(INT, count * 4, (int) value);
      default -> data.set(LONG, count * 8, value);
    }
    count++;
    return true;
  }

  private void requireRoom() {
    if (count == room) {
      grow();
    }
  }

  /** All elements under a shape of as many. They lie in the request's memory. */
  Tensor tensor(long[] shape) {
    return type == Datatype.BYTES
        ? ByteStrings.tensor(strings, shape)
        : Tensor.of(type.element(), shape, data.asSlice(0, count * width));
  }

  private void grow() {
    data = memory.larger(data, Math.max(1, data.byteSize()) * 2, count * width);
    room = data.byteSize() / width;
  }

  /** Refuses more byte strings in one input than are taken. */
  static void requireFew(String input, long strings) {
    if (strings > MOST_STRINGS) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "input \"" + input + "\": more than " + MOST_STRINGS + " elements of BYTES");
    }
  }

  /** Adds a byte string. */
  void add(byte[] bytes) {
    requireFew(input, count + 1);
    strings.add(Bytes.wrap(bytes));
    count++;
  }

  private void addString(JsonParser json, JsonToken token) {
    if (token != JsonToken.VALUE_STRING) {
      throw bad(json, "a string");
    }
    requireFew(input, count + 1);
    strings.add(Bytes.utf8(json.getString()));
    count++;
  }

  private float single(JsonParser json, JsonToken token) {
    requireNumber(json, token);
    double exact =
        Decimals.toDouble(
            json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
    if (!Decimals.isUnsafeForFloat(exact)) {
      return (float) exact;
    }
    float value = json.getFloatValue();
    if (Float.isInfinite(value)) {
      throw bad(json, "a number within FP32's range");
    }
    return value;
  }

  private double real(JsonParser json, JsonToken token) {
    requireNumber(json, token);
    double exact =
        Decimals.toDouble(
            json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
    double value = Double.isNaN(exact) ? json.getDoubleValue() : exact;
    if (Double.isInfinite(value)) {
      throw bad(json, "a number within FP64's range");
    }
    return value;
  }

  private short half(JsonParser json, JsonToken token) {
    short value = Float.floatToFloat16(single(json, token));
    if ((value & 0x7FFF) == 0x7C00) {
      throw bad(json, "a number within FP16's range");
    }
    return value;
  }

  private short brain(JsonParser json, JsonToken token) {
    short value = brain(single(json, token));
    if ((value & 0x7FFF) == 0x7F80) {
      throw bad(json, "a number within BF16's range");
    }
    return value;
  }

  /** The nearest BF16, ties to even. */
  private static short brain(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  private byte truth(JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_TRUE -> 1;
      case VALUE_FALSE -> 0;
      case VALUE_NUMBER_INT -> (byte) integer(json, token);
      default -> throw bad(json, "true or false");
    };
  }

  private long integer(JsonParser json, JsonToken token) {
    ElementType element = type.element();
    boolean signed = element.isInteger() && !element.isUnsigned();
    int bits = type == Datatype.BOOL ? 1 : element.bits();
    if (token == JsonToken.VALUE_NUMBER_INT
        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long value = json.getLongValue();
      long low = signed ? -1L << bits - 1 : 0;
      long high = signed ? ~low : (1L << bits) - 1;
      if (value >= low && value <= high) {
        return value;
      }
    }
    throw bad(json, range(signed, bits));
  }

  private long unsigned(JsonParser json, JsonToken token) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      if (json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        long value = json.getLongValue();
        if (value >= 0) {
          return value;
        }
      } else {
        BigInteger value = json.getBigIntegerValue();
        if (value.signum() > 0 && value.bitLength() <= 64) {
          return value.longValue();
        }
      }
    }
    throw bad(json, range(false, 64));
  }

  private static String range(boolean signed, int bits) {
    BigInteger low = signed ? BigInteger.TWO.pow(bits - 1).negate() : BigInteger.ZERO;
    BigInteger high = BigInteger.TWO.pow(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
    return "an integer from " + low + " to " + high;
  }

  private void requireNumber(JsonParser json, JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
      throw bad(json, "a number");
    }
  }

  private LatheException bad(JsonParser json, String expected) {
    String found = json.getString();
    return bad(
        json.currentToken() == JsonToken.VALUE_STRING ? "\"" + found + "\"" : found, expected);
  }

  /** The error that the next element is not what the datatype asks for. */
  LatheException bad(String found, String expected) {
    String cut = found.length() > LONGEST_FOUND ? found.substring(0, LONGEST_FOUND) + "…" : found;
    return new LatheException(
        ServerError.BAD_REQUEST,
        "input \""
            + input
            + "\": "
            + cut
            + " at element "
            + count
            + " (expected: "
            + expected
            + " for datatype "
            + type
            + ")");
  }
}
