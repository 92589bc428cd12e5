package dev.lathe.transform;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where new weights are written: memory, or a mapped file where they would not fit beside the old
 * ones.
 */
@FunctionalInterface
public interface WeightMemory {
  /**
   * Room for one tensor.
   *
   * @param bytes how much
   * @return a segment of that size that any thread may write, aligned to 64 bytes
   */
  MemorySegment allocate(long bytes);

  /**
   * Memory that is freed when nothing refers to it any more.
   *
   * @return off-heap memory
   */
  static WeightMemory offHeap() {
    return bytes -> Arena.ofAuto().allocate(bytes, 64);
  }
}
