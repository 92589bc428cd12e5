package dev.lathe.server.infer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Off-heap memory that is used again. Sizes are powers of two; what is not given back, or does not
 * fit any more, is freed when it is no longer reachable.
 */
public final class SegmentPool {
  private static final int SMALLEST_BITS = 10;
  private static final int LARGEST_BITS = 24;

  private final long capacity;
  private final AtomicLong kept = new AtomicLong();
  private final ConcurrentLinkedQueue<MemorySegment>[] free;

  /**
   * An empty pool.
   *
   * @param capacity bytes that may lie unused
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public SegmentPool(long capacity) {
    this.capacity = capacity;
    this.free = new ConcurrentLinkedQueue[LARGEST_BITS + 1];
    for (int bits = SMALLEST_BITS; bits <= LARGEST_BITS; bits++) {
      free[bits] = new ConcurrentLinkedQueue<>();
    }
  }

  /**
   * Memory to write to.
   *
   * @param bytes how much is needed
   * @return a segment of at least so many bytes, aligned to 64; its content is undefined
   */
  public MemorySegment take(long bytes) {
    int bits = bitsFor(bytes);
    if (bits > LARGEST_BITS) {
      return Arena.ofAuto().allocate(bytes, 64);
    }
    MemorySegment used = free[bits].poll();
    if (used == null) {
      return Arena.ofAuto().allocate(1L << bits, 64);
    }
    kept.addAndGet(-used.byteSize());
    return used;
  }

  /**
   * Takes a segment back that nobody reads or writes any more.
   *
   * @param segment what {@link #take} gave
   */
  public void give(MemorySegment segment) {
    int bits = bitsFor(segment.byteSize());
    if (bits > LARGEST_BITS || segment.byteSize() != 1L << bits) {
      return;
    }
    if (kept.addAndGet(segment.byteSize()) > capacity) {
      kept.addAndGet(-segment.byteSize());
      return;
    }
    free[bits].add(segment);
  }

  private static int bitsFor(long bytes) {
    return Math.max(SMALLEST_BITS, 64 - Long.numberOfLeadingZeros(Math.max(1, bytes) - 1));
  }
}
