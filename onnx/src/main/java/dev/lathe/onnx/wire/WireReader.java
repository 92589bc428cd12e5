package dev.lathe.onnx.wire;

import dev.lathe.ir.Bytes;
import dev.lathe.ir.Extras;
import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over one message. Every length is checked against the message that holds it before
 * anything is read or allocated; nested messages are cursors over the same memory.
 *
 * <p>Groups, field number 0, varints beyond 64 bits, and known fields of another wire type are
 * refused. Not safe for use by several threads.
 */
public final class WireReader {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** As deep as other readers of protobuf go. */
  private static final int MOST_DEPTH = 100;

  /** The longest run of bytes that is copied to the heap. */
  private static final long MOST_COPIED = 1L << 30;

  private final MemorySegment bytes;
  private final long end;
  private final Budget budget;
  private final @Nullable WireReader parent;
  private final String label;
  private final int depth;
  private final ByteArrayOutputStream unknown = new ByteArrayOutputStream(0);

  private long at;
  private long tagAt;
  private int field;
  private WireType wire = WireType.VARINT;

  private WireReader(MemorySegment bytes, String label) {
    this.bytes = bytes;
    this.end = bytes.byteSize();
    this.budget = new Budget();
    this.parent = null;
    this.label = label;
    this.depth = 0;
  }

  private WireReader(WireReader parent, String label, long start, long end) {
    this.bytes = parent.bytes;
    this.at = start;
    this.end = end;
    this.budget = parent.budget;
    this.parent = parent;
    this.label = label;
    this.depth = parent.depth + 1;
  }

  /**
   * A cursor at the start of a file.
   *
   * @param bytes the whole file
   * @param label what messages call it
   * @return the cursor
   */
  public static WireReader of(MemorySegment bytes, String label) {
    return new WireReader(bytes, label);
  }

  /**
   * Goes to the next field. The caller then reads its value by one call, or {@link #keep}s it.
   *
   * @return false at the end of the message
   * @throws LatheException MALFORMED if there is no sound tag
   */
  public boolean next() {
    if (at == end) {
      return false;
    }
    tagAt = at;
    long tag = rawVarint();
    if (tag >>> 32 != 0 || tag >>> 3 == 0) {
      throw malformed("tag " + Long.toUnsignedString(tag) + " is no field");
    }
    field = (int) (tag >>> 3);
    wire = WireType.of((int) (tag & 7));
    if (wire == WireType.GROUP) {
      throw malformed("field " + field + " is a group or of no wire type at all");
    }
    return true;
  }

  /**
   * The number of the field at hand.
   *
   * @return 1 to 2²⁹ - 1
   */
  public int field() {
    return field;
  }

  /**
   * Reads an integer.
   *
   * @return its 64 bits
   */
  public long varint() {
    expect(WireType.VARINT);
    return rawVarint();
  }

  /**
   * Reads integers, one or packed.
   *
   * @param to takes each
   */
  public void varints(LongConsumer to) {
    if (!isRun()) {
      budget.takeNumber();
      to.accept(varint());
      return;
    }
    long stop = runEnd();
    while (at < stop) {
      budget.takeNumber();
      to.accept(rawVarint());
    }
    if (at != stop) {
      throw malformed("packed integers run past their length");
    }
  }

  /**
   * Reads a FLOAT.
   *
   * @return its value
   */
  public float float32() {
    expect(WireType.FIXED32);
    return Float.intBitsToFloat(bytes.get(INT, take(4)));
  }

  /**
   * Reads FLOATs, one or packed.
   *
   * @param to takes each, by its bits
   */
  public void floats(LongConsumer to) {
    if (!isRun()) {
      budget.takeNumber();
      to.accept(Float.floatToRawIntBits(float32()));
      return;
    }
    MemorySegment run = run();
    if (run.byteSize() % 4 != 0) {
      throw malformed(run.byteSize() + " bytes of packed floats (expected: a multiple of 4)");
    }
    for (long i = 0; i < run.byteSize(); i += 4) {
      budget.takeNumber();
      to.accept(run.get(INT, i));
    }
  }

  /**
   * Reads a run of bytes without copying it; a single FLOAT or DOUBLE counts as a run of its bytes.
   *
   * @param width bytes of one number, 4 or 8
   * @return a slice of the file
   */
  public MemorySegment runOrFixed(int width) {
    if (isRun()) {
      return run();
    }
    expect(width == 4 ? WireType.FIXED32 : WireType.FIXED64);
    budget.takeNumber();
    return bytes.asSlice(take(width), width);
  }

  /**
   * Reads a run of bytes without copying it; a single varint counts as a run of its bytes.
   *
   * @return a slice of the file
   */
  public MemorySegment runOrVarint() {
    if (wire != WireType.VARINT) {
      return run();
    }
    budget.takeNumber();
    long start = at;
    rawVarint();
    return bytes.asSlice(start, at - start);
  }

  /**
   * Reads a run of bytes without copying it.
   *
   * @return a slice of the file
   */
  public MemorySegment run() {
    long stop = runEnd();
    MemorySegment run = bytes.asSlice(at, stop - at);
    at = stop;
    return run;
  }

  /**
   * Reads a run of bytes to the heap.
   *
   * @return a new array
   * @throws LatheException LIMIT if it is longer than 1 GiB
   */
  public byte[] copiedRun() {
    budget.takeObject();
    return copied(run());
  }

  /**
   * Reads text.
   *
   * @return the text
   * @throws LatheException MALFORMED if it is not UTF-8
   */
  public String text() {
    byte[] raw = copiedRun();
    String text = new String(raw, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0 && !Arrays.equals(raw, text.getBytes(StandardCharsets.UTF_8))) {
      throw malformed("field " + field + " is not UTF-8");
    }
    return text;
  }

  /**
   * Enters a nested message; this cursor goes on after it.
   *
   * @param name what messages call it
   * @return a cursor over it
   * @throws LatheException LIMIT if it is nested too deep
   */
  public WireReader message(String name) {
    budget.takeObject();
    long stop = runEnd();
    if (depth == MOST_DEPTH) {
      throw new LatheException(
          OnnxError.LIMIT, where() + ": nested deeper than " + MOST_DEPTH + " messages");
    }
    WireReader nested = new WireReader(this, name, at, stop);
    at = stop;
    return nested;
  }

  /** Skips the value at hand and keeps the whole field, tag and all, for {@link #extras}. */
  public void keep() {
    switch (wire) {
      case VARINT -> rawVarint();
      case FIXED64 -> take(8);
      case FIXED32 -> take(4);
      case RUN, GROUP -> at = runEnd();
    }
    keepAgain();
  }

  /** Keeps the whole field that was just read, tag and all, for {@link #extras}. */
  public void keepAgain() {
    budget.takeObject();
    if (unknown.size() + (at - tagAt) > MOST_COPIED) {
      throw tooLong(at - tagAt);
    }
    unknown.writeBytes(copied(bytes.asSlice(tagAt, at - tagAt)));
  }

  /**
   * The fields kept so far.
   *
   * @return their bytes, in the file's order
   */
  public Extras extras() {
    return unknown.size() == 0 ? Extras.NONE : new Extras(Bytes.of(unknown.toByteArray()));
  }

  /**
   * Where in the file this message is, for people.
   *
   * @return the names of the messages from the outermost inwards
   */
  public String where() {
    return parent == null ? label : parent.where() + " > " + label;
  }

  /**
   * An error in this message.
   *
   * @param what what is wrong
   * @return the error, to be thrown
   */
  public LatheException malformed(String what) {
    return new LatheException(OnnxError.MALFORMED, where() + ", byte " + at + ": " + what);
  }

  private byte[] copied(MemorySegment run) {
    if (run.byteSize() > MOST_COPIED) {
      throw tooLong(run.byteSize());
    }
    return run.toArray(ValueLayout.JAVA_BYTE);
  }

  private LatheException tooLong(long length) {
    return new LatheException(
        OnnxError.LIMIT,
        where()
            + ": "
            + length
            + " bytes in field "
            + field
            + " (expected: <= "
            + MOST_COPIED
            + ")");
  }

  private boolean isRun() {
    return wire == WireType.RUN;
  }

  private void expect(WireType expected) {
    if (wire != expected) {
      throw malformed("field " + field + " is " + wire + " (expected: " + expected + ")");
    }
  }

  private long runEnd() {
    expect(WireType.RUN);
    long length = rawVarint();
    if (length < 0 || length > end - at) {
      throw malformed(
          "field "
              + field
              + " of "
              + Long.toUnsignedString(length)
              + " bytes (expected: <= "
              + (end - at)
              + ")");
    }
    return at + length;
  }

  private long take(long width) {
    if (end - at < width) {
      throw malformed("the message ends inside field " + field);
    }
    long start = at;
    at += width;
    return start;
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) {
        throw malformed("the message ends inside a number");
      }
      byte part = bytes.get(ValueLayout.JAVA_BYTE, at++);
      if (shift == 63 && (part & 0xFE) != 0) {
        break;
      }
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than 64 bits");
  }
}
