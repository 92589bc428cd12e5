package dev.lathe.train.data;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** What has a length, by its length. */
final class Lengths {
  private Lengths() {}

  /**
   * The shortest first; those of one length stay in their order.
   *
   * @param items numbers of what has a length
   * @param length of an item: 0 to the most
   * @return a new order; nothing is mutated
   */
  static int[] sorted(int[] items, IntUnaryOperator length, int most) {
    int[] starts = new int[most + 2];
    for (int item : items) {
      starts[length.applyAsInt(item) + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    int[] sorted = new int[items.length];
    for (int item : items) {
      sorted[starts[length.applyAsInt(item)]++] = item;
    }
    return sorted;
  }
}
