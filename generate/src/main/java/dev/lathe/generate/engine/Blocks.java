package dev.lathe.generate.engine;

import java.util.Arrays;

/** Which blocks are free, and how many hold on to each that is not. */
final class Blocks {
  private final int[] holders;
  private final int[] free;
  private int freeCount;

  Blocks(int count) {
    holders = new int[count];
    free = new int[count];
    freeCount = count;
    Arrays.setAll(free, i -> count - 1 - i);
  }

  int free() {
    return freeCount;
  }

  int used() {
    return free.length - freeCount;
  }

  /** A free block, which has one holder from now on. */
  int take() {
    int block = free[--freeCount];
    holders[block] = 1;
    return block;
  }

  /** Somebody else holds on to a block, too. */
  void share(int block) {
    holders[block]++;
  }

  /** One of a block's holders lets go; the last frees it. */
  void release(int block) {
    if (--holders[block] == 0) {
      free[freeCount++] = block;
    }
  }

  /** How many hold on to a block. */
  int holders(int block) {
    return holders[block];
  }
}
