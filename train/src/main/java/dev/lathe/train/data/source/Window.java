package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A stream of examples, shuffled in a window that is held outside the heap. An example's columns
 * lie side by side there, since each is somewhere else than the one before.
 */
final class Window implements Cursor {
  private static final int MOST = 1 << 20;

  private final Cursor stream;
  private final List<Column> columns;
  private final WindowOrder order;
  private final Arena arena = Arena.ofShared();
  private final long[] offsets;
  private final long stride;
  private final MemorySegment slots;
  private final List<MemorySegment> one;
  private boolean loaded;

  Window(Cursor stream, List<Column> columns, WindowOrder order) {
    this.stream = stream;
    this.columns = columns;
    this.order = order;
    this.offsets = new long[columns.size()];
    long end = 0;
    for (int c = 0; c < offsets.length; c++) {
      offsets[c] = end;
      end += columns.get(c).bytes();
    }
    this.stride = end;
    this.slots = arena.allocate(Math.max(1, stride * order.filled()), 64);
    this.one = columns.stream().map(column -> arena.allocate(column.bytes(), 64)).toList();
  }

  /** How many examples a window of some bytes holds: at least one, at most all. */
  static int examples(List<Column> columns, long bytes, int size) {
    long each = columns.stream().mapToLong(Column::bytes).sum();
    long fitting = Math.max(1, bytes / Math.max(1, each));
    return (int) Math.max(1, Math.min(Math.min(fitting, size), MOST));
  }

  @Override
  public boolean next(List<MemorySegment> into, int place) {
    if (!loaded) {
      load();
      loaded = true;
    }
    if (order.filled() == 0) {
      return false;
    }
    int slot = order.draw();
    for (int c = 0; c < into.size(); c++) {
      long bytes = columns.get(c).bytes();
      long from = slot * stride + offsets[c];
      MemorySegment.copy(slots, from, into.get(c), place * bytes, bytes);
    }
    if (order.leave()) {
      read(slot);
    } else {
      move(order.filled(), slot);
    }
    return true;
  }

  private void move(int from, int to) {
    MemorySegment.copy(slots, from * stride, slots, to * stride, stride);
  }

  private void read(int slot) {
    if (!stream.next(one, 0)) {
      throw new LatheException(
          TrainError.BAD_DATA, "training data: fewer examples than were counted");
    }
    for (int c = 0; c < offsets.length; c++) {
      long bytes = columns.get(c).bytes();
      MemorySegment.copy(one.get(c), 0, slots, slot * stride + offsets[c], bytes);
    }
  }

  /** Reads what is in the window where the order stands; what came before is passed over. */
  private void load() {
    long[] waiting =
        IntStream.range(0, order.filled())
            .mapToLong(slot -> (long) order.placeOf(slot) << 32 | slot)
            .sorted()
            .toArray();
    int at = 0;
    for (long placeAndSlot : waiting) {
      int place = (int) (placeAndSlot >>> 32);
      stream.skip(place - at);
      read((int) placeAndSlot);
      at = place + 1;
    }
    stream.skip(order.entered() - at);
  }

  /** Passes over examples; before the first is read, nothing is read for those. */
  @Override
  public void skip(long count) {
    for (long i = 0; i < count && order.filled() > 0; i++) {
      int slot = order.draw();
      boolean fromStream = order.leave();
      if (loaded && fromStream) {
        read(slot);
      } else if (loaded) {
        move(order.filled(), slot);
      }
    }
  }

  @Override
  public void close() {
    stream.close();
    arena.close();
  }
}
