package dev.lathe.train.loop;

import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What fills an epoch's last batch where it is not full: the epoch's first examples. They are kept
 * as they pass by, since reading them again may cost as much as a window of the data; they are read
 * again where the epoch was begun later, or where they are large.
 */
final class Rest {
  private static final long MOST_KEPT_BYTES = 64L << 20;

  private final Part part;
  private final long seed;
  private final int epoch;
  private boolean passing;
  private int held;
  private final List<MemorySegment> kept = new ArrayList<>();

  /**
   * For an epoch.
   *
   * @param batch the first batch that is read of it
   */
  Rest(Part part, long seed, int epoch, int batch) {
    this.part = part;
    this.seed = seed;
    this.epoch = epoch;
    this.passing = batch == 0;
  }

  /** Looks at a full batch: of the epoch's first one is kept what the last one may need. */
  void pass(List<MemorySegment> segments, List<Column> shape, int size) {
    int needed = part.size() % size == 0 ? 0 : size - part.size() % size;
    long bytes = part.columns().stream().mapToLong(Column::bytes).sum() * needed;
    if (passing && shape.equals(part.columns()) && bytes <= MOST_KEPT_BYTES) {
      for (int c = 0; c < segments.size(); c++) {
        long length = part.columns().get(c).bytes() * needed;
        byte[] copy = new byte[(int) length];
        kept.add(MemorySegment.ofArray(copy).copyFrom(segments.get(c).asSlice(0, length)));
      }
      held = needed;
    }
    passing = false;
  }

  /** Fills places of a batch; returns the first one that is not filled. */
  int fill(List<MemorySegment> segments, int from, int size) {
    if (held >= size - from) {
      for (int c = 0; c < segments.size(); c++) {
        long bytes = part.columns().get(c).bytes();
        MemorySegment.copy(kept.get(c), 0, segments.get(c), from * bytes, (size - from) * bytes);
      }
      return size;
    }
    int filled = from;
    try (Cursor cursor = part.shuffled(seed, epoch)) {
      while (filled < size && cursor.next(segments, filled)) {
        filled++;
      }
    }
    return filled;
  }
}
