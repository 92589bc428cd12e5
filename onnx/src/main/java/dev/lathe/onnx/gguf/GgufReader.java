package dev.lathe.onnx.gguf;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxError;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the header of a file: metadata, and where tensors lie. One object reads one file.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF</a>
 */
public final class GgufReader {
  private static final int MAGIC = 0x46554747;
  private static final int MOST_ENTRIES = 1 << 20;
  private static final int MOST_TENSORS = 1 << 20;
  private static final int LONGEST_TEXT = 64 << 20;

  /** Of all lists of a header together: the largest vocabularies have a quarter of it. */
  private static final int MOST_ITEMS = 1 << 22;

  private static final int MOST_RANK = 4;
  private static final int MOST_ALIGNMENT = 1 << 20;
  private static final String ALIGNMENT = "general.alignment";
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;
  private long at;
  private long itemsLeft = MOST_ITEMS;

  private GgufReader(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /**
   * What a file holds.
   *
   * @param metadata by key: Long, Double, Boolean, String, or a List of these
   * @param tensors in the order of their data
   */
  public record Content(Map<String, Object> metadata, List<Stored> tensors) {}

  /**
   * A tensor in the file.
   *
   * @param name its name
   * @param dims its shape, row-major: the last axis is the one whose numbers lie together
   * @param type how its numbers lie
   * @param data its blocks
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Stored(String name, long[] dims, BlockType type, MemorySegment data) {
    /**
     * Writes all numbers as FLOAT.
     *
     * @param floats room for them, row-major
     */
    public void readInto(MemorySegment floats) {
      if (type == BlockType.F32) {
        floats.copyFrom(data);
        return;
      }
      float[] block = new float[type.elements()];
      long blocks = data.byteSize() / type.bytes();
      MemorySegment heap = MemorySegment.ofArray(block);
      for (long i = 0; i < blocks; i++) {
        type.read(new Block(data, i * type.bytes()), block);
        MemorySegment.copy(heap, 0, floats, i * heap.byteSize(), heap.byteSize());
      }
    }
  }

  /**
   * Reads a file.
   *
   * @param bytes the whole file
   * @return what it holds; data are slices of it
   * @throws LatheException MALFORMED or LIMIT if it is not sound; UNSUPPORTED for a version or a
   *     type that is not known
   */
  public static Content read(MemorySegment bytes) {
    try {
      return new GgufReader(bytes).content();
    } catch (IndexOutOfBoundsException e) {
      throw malformed("ends at byte " + bytes.byteSize() + " inside of its header");
    }
  }

  private Content content() {
    if (bytes.byteSize() < 24 || u32() != MAGIC) {
      throw malformed("does not begin with \"GGUF\"");
    }
    int version = u32();
    if (version != 2 && version != 3) {
      throw new LatheException(
          OnnxError.UNSUPPORTED, "gguf: version " + version + " (supported: 2, 3; little-endian)");
    }
    long tensors = count("tensors", MOST_TENSORS);
    long entries = count("entries of metadata", MOST_ENTRIES);
    Map<String, Object> metadata = new LinkedHashMap<>();
    for (long i = 0; i < entries; i++) {
      String key = text("a key");
      if (metadata.put(key, value(u32(), key)) != null) {
        throw malformed("two entries \"" + key + "\"");
      }
    }
    List<Place> places = new ArrayList<>();
    for (long i = 0; i < tensors; i++) {
      places.add(place());
    }
    return new Content(metadata, stored(places, alignment(metadata)));
  }

  private record Place(String name, long[] dims, BlockType type, long offset) {
    long size() {
      long count = 1;
      for (long dim : dims) {
        count = Math.multiplyExact(count, dim);
      }
      return Math.multiplyExact(count / type.elements(), type.bytes());
    }
  }

  private Place place() {
    String name = text("a tensor's name");
    int rank = u32();
    if (rank < 0 || rank > MOST_RANK) {
      throw malformed(
          "tensor \"" + name + "\": rank " + rank + " (expected: up to " + MOST_RANK + ")");
    }
    long[] dims = new long[rank];
    for (int i = rank - 1; i >= 0; i--) {
      dims[i] = u64();
      if (dims[i] < 1 || dims[i] > 1L << 40) {
        throw malformed("tensor \"" + name + "\": size " + dims[i] + " (expected: above 0)");
      }
    }
    int code = u32();
    BlockType type =
        BlockType.of(code)
            .orElseThrow(
                () ->
                    new LatheException(
                        OnnxError.UNSUPPORTED,
                        "gguf: tensor \""
                            + name
                            + "\": type "
                            + code
                            + " (supported: "
                            + List.of(BlockType.values())
                            + ")"));
    long last = rank == 0 ? 1 : dims[rank - 1];
    if (last % type.elements() != 0) {
      throw malformed(
          "tensor \""
              + name
              + "\": rows of "
              + last
              + " (expected: a multiple of "
              + type.elements()
              + ")");
    }
    return new Place(name, dims, type, u64());
  }

  private List<Stored> stored(List<Place> places, long alignment) {
    long start = (at + alignment - 1) / alignment * alignment;
    List<Place> sorted = new ArrayList<>(places);
    sorted.sort(Comparator.comparingLong(Place::offset));
    List<Stored> stored = new ArrayList<>();
    java.util.Set<String> names = new java.util.HashSet<>();
    long free = 0;
    for (Place place : sorted) {
      long size = size(place);
      long end = place.offset() + size;
      if (place.offset() < free || end < 0 || end > bytes.byteSize() - start) {
        throw malformed(
            "tensor \""
                + place.name()
                + "\": bytes "
                + place.offset()
                + " to "
                + end
                + " (expected: from "
                + free
                + " to "
                + (bytes.byteSize() - start)
                + ")");
      }
      if (!names.add(place.name())) {
        throw malformed("two tensors \"" + place.name() + "\"");
      }
      free = end;
      MemorySegment data = bytes.asSlice(start + place.offset(), size);
      stored.add(new Stored(place.name(), place.dims(), place.type(), data));
    }
    return stored;
  }

  private static long size(Place place) {
    try {
      return place.size();
    } catch (ArithmeticException e) {
      throw malformed("tensor \"" + place.name() + "\": too many numbers");
    }
  }

  private static long alignment(Map<String, Object> metadata) {
    Object found = metadata.getOrDefault(ALIGNMENT, 32L);
    if (!(found instanceof Long alignment)
        || alignment < 1
        || alignment > MOST_ALIGNMENT
        || Long.bitCount(alignment) != 1) {
      throw malformed(ALIGNMENT + ": " + found + " (expected: a power of two)");
    }
    return alignment;
  }

  private Object value(int type, String key) {
    if (type != 9) {
      return scalar(type, key);
    }
    int of = u32();
    long count = u64();
    if (count < 0 || count > itemsLeft) {
      throw new LatheException(
          OnnxError.LIMIT,
          "gguf: \""
              + key
              + "\": "
              + count
              + " items (expected: at most "
              + MOST_ITEMS
              + " in all lists together)");
    }
    itemsLeft -= count;
    if (count > bytes.byteSize() - at) {
      throw malformed("\"" + key + "\": " + count + " items in a shorter file");
    }
    List<Object> items = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      items.add(scalar(of, key));
    }
    return java.util.Collections.unmodifiableList(items);
  }

  private Object scalar(int type, String key) {
    return switch (type) {
      case 0 -> (long) (u8() & 0xff);
      case 1 -> (long) (byte) u8();
      case 2 -> (long) (u8() & 0xff | (u8() & 0xff) << 8);
      case 3 -> (long) (short) (u8() & 0xff | (u8() & 0xff) << 8);
      case 4 -> u32() & 0xffff_ffffL;
      case 5 -> (long) u32();
      case 6 -> (double) Float.intBitsToFloat(u32());
      case 7 -> u8() != 0;
      case 8 -> text("\"" + key + "\"");
      case 10, 11 -> u64();
      case 12 -> Double.longBitsToDouble(u64());
      default ->
          throw malformed("\"" + key + "\": a value of type " + type + " (expected: 0 to 12)");
    };
  }

  private long count(String what, long most) {
    long count = u64();
    if (count < 0 || count > most) {
      throw new LatheException(
          OnnxError.LIMIT, "gguf: " + count + " " + what + " (expected: at most " + most + ")");
    }
    return count;
  }

  private String text(String what) {
    long length = count("bytes of " + what, LONGEST_TEXT);
    byte[] text = bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    at += length;
    return new String(text, StandardCharsets.UTF_8);
  }

  private int u8() {
    return bytes.get(ValueLayout.JAVA_BYTE, at++);
  }

  private int u32() {
    int value = bytes.get(INT, at);
    at += 4;
    return value;
  }

  private long u64() {
    long value = bytes.get(LONG, at);
    at += 8;
    return value;
  }

  private static LatheException malformed(String what) {
    return new LatheException(OnnxError.MALFORMED, "gguf: " + what);
  }
}
