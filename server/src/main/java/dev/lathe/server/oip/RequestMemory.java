package dev.lathe.server.oip;

import dev.lathe.server.infer.SegmentPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The off-heap memory of one request, given back all at once. One thread uses it at a time. */
final class RequestMemory {
  private final SegmentPool pool;
  private final List<MemorySegment> taken = new ArrayList<>(4);

  /** Nothing taken yet. */
  RequestMemory(SegmentPool pool) {
    this.pool = pool;
  }

  /** A segment of at least so many bytes; its content is undefined. */
  MemorySegment take(long bytes) {
    MemorySegment segment = pool.take(bytes);
    taken.add(segment);
    return segment;
  }

  /** A larger segment in place of a taken one, with the first bytes of it. */
  MemorySegment larger(MemorySegment old, long bytes, long kept) {
    MemorySegment larger = take(bytes);
    MemorySegment.copy(old, 0, larger, 0, kept);
    taken.remove(old);
    pool.give(old);
    return larger;
  }

  /** Gives everything back; nobody may read or write it any more. */
  void release() {
    taken.forEach(pool::give);
    taken.clear();
  }
}
