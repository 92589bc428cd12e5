package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.transform.CachedDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of a decoder, outside the heap: for each arena and layer two buffers of rows, [R,
 * G, C, D], which runs read and write in place; and blocks of {@link Decoder#BLOCK} tokens, which
 * hold keys and values [G, B, D] of each layer one after another.
 */
final class KeyValues implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final List<Arena> arenas;
  private final List<List<Layer>> rows = new ArrayList<>();
  private final List<HostBuffer> buffers = new ArrayList<>();
  private final int blocks;
  private final long blockBytes;
  private final long rowBytes;
  private @Nullable HostBuffer kept;

  /** The rows of a layer in an arena: G heads, and what a token of one takes, in bytes. */
  record Layer(HostBuffer keys, HostBuffer values, long heads, long token) {
    private List<HostBuffer> both() {
      return List.of(keys, values);
    }
  }

  /**
   * Reserves rows and blocks.
   *
   * @param form says the layers
   * @param arenas the rows
   * @param prefixBytes what blocks may take at most; never more than the rows
   * @throws LatheException BAD_OPTION if a buffer of rows would be larger than the engine takes
   */
  KeyValues(CachedDecoder form, List<Arena> arenas, long prefixBytes) {
    this.arenas = arenas;
    long places = arenas.stream().mapToLong(a -> (long) a.slots() * a.capacity()).sum();
    this.blockBytes = Decoder.BLOCK * form.bytesPerToken();
    this.rowBytes = places * form.bytesPerToken();
    long most = Math.min(prefixBytes, rowBytes) / blockBytes;
    this.blocks = (int) Math.min(most, Integer.MAX_VALUE);
    boolean reserved = false;
    try {
      reserve(form);
      reserved = true;
    } finally {
      if (!reserved) {
        close();
      }
    }
  }

  private void reserve(CachedDecoder form) {
    for (Arena arena : arenas) {
      List<Layer> layers = new ArrayList<>();
      rows.add(layers);
      for (CachedDecoder.Cache layer : form.layers()) {
        HostBuffer keys = rows(arena, layer);
        buffers.add(keys);
        HostBuffer values = rows(arena, layer);
        buffers.add(values);
        layers.add(new Layer(keys, values, layer.heads(), layer.size() * Float.BYTES));
      }
    }
    if (blocks > 0) {
      HostBuffer reserved = HostBuffer.reserve(ElementType.FLOAT, blocks, blockBytes / Float.BYTES);
      buffers.add(reserved);
      kept = reserved;
    }
  }

  private static HostBuffer rows(Arena arena, CachedDecoder.Cache layer) {
    long bytes =
        (long) arena.slots() * arena.capacity() * layer.heads() * layer.size() * Float.BYTES;
    if (bytes > Integer.MAX_VALUE) {
      throw new LatheException(
          GenerateError.BAD_OPTION,
          "cache of a layer: %d slots of %d tokens take %d bytes (expected: at most %d)"
              .formatted(arena.slots(), arena.capacity(), bytes, Integer.MAX_VALUE));
    }
    return HostBuffer.reserve(
        ElementType.FLOAT, arena.slots(), layer.heads(), arena.capacity(), layer.size());
  }

  /** The layers of an arena. */
  List<Layer> layers(int arena) {
    return rows.get(arena);
  }

  int blocks() {
    return blocks;
  }

  long blockBytes() {
    return blockBytes;
  }

  /** What rows take, in bytes. */
  long rowBytes() {
    return rowBytes;
  }

  /** What rows and blocks take, in bytes. */
  long bytes() {
    return rowBytes + blocks * blockBytes;
  }

  /** Copies places of one row to the same places of another. */
  void copy(Spot from, Spot to, int begin, int end) {
    for (int i = 0; i < layers(from.arena()).size(); i++) {
      Layer source = layers(from.arena()).get(i);
      Layer target = layers(to.arena()).get(i);
      long length = (end - begin) * source.token();
      for (long head = 0; head < source.heads(); head++) {
        long read = place(from, source, head, begin);
        long written = place(to, target, head, begin);
        MemorySegment.copy(source.keys().segment(), read, target.keys().segment(), written, length);
        MemorySegment.copy(
            source.values().segment(), read, target.values().segment(), written, length);
      }
    }
  }

  private long place(Spot spot, Layer layer, long head, int token) {
    long capacity = arenas.get(spot.arena()).capacity();
    return ((spot.row() * layer.heads() + head) * capacity + token) * layer.token();
  }

  /** Exchanges the first places of two rows of one arena. */
  void exchange(Spot one, Spot other, int length) {
    for (Layer layer : layers(one.arena())) {
      for (long head = 0; head < layer.heads(); head++) {
        long bytes = length * layer.token();
        long first = place(one, layer, head, 0);
        long second = place(other, layer, head, 0);
        exchange(
            layer.keys().segment().asSlice(first, bytes),
            layer.keys().segment().asSlice(second, bytes));
        exchange(
            layer.values().segment().asSlice(first, bytes),
            layer.values().segment().asSlice(second, bytes));
      }
    }
  }

  private static void exchange(MemorySegment one, MemorySegment other) {
    for (long i = 0; i < one.byteSize() / Float.BYTES; i++) {
      float value = one.getAtIndex(FLOAT, i);
      one.setAtIndex(FLOAT, i, other.getAtIndex(FLOAT, i));
      other.setAtIndex(FLOAT, i, value);
    }
  }

  /** Copies what a row holds from a place on into a part of a block. */
  void save(Spot from, int begin, Decoder.Part to) {
    pair(new Places(from, begin), to, (row, block) -> block.copyFrom(row));
  }

  /** Copies a part of a block into a row, to a place. */
  void load(Decoder.Part from, Spot to, int begin) {
    pair(new Places(to, begin), from, MemorySegment::copyFrom);
  }

  /** Places of a row from one on. */
  private record Places(Spot spot, int begin) {}

  /** Shows what belongs together, in a row and in a block: keys, then values, by layer and head. */
  private void pair(
      Places places, Decoder.Part part, BiConsumer<MemorySegment, MemorySegment> both) {
    HostBuffer all = kept;
    if (all == null || part.block() >= blocks) {
      throw new IllegalStateException(part + " of " + blocks + " blocks");
    }
    MemorySegment block = all.segment().asSlice(part.block() * blockBytes, blockBytes);
    long at = 0;
    for (Layer layer : layers(places.spot().arena())) {
      long length = part.count() * layer.token();
      for (HostBuffer buffer : layer.both()) {
        for (long head = 0; head < layer.heads(); head++) {
          long place = place(places.spot(), layer, head, places.begin());
          both.accept(
              buffer.segment().asSlice(place, length),
              block.asSlice(at + part.offset() * layer.token(), length));
          at += Decoder.BLOCK * layer.token();
        }
      }
    }
  }

  @Override
  public void close() {
    buffers.forEach(HostBuffer::close);
    buffers.clear();
    rows.clear();
    kept = null;
  }
}
