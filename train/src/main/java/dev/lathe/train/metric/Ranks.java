package dev.lathe.train.metric;

import java.util.Arrays;

/**
 * Scores of positives and negatives in order. All are kept as they are up to 2²² over all classes;
 * beyond that they are counted in bins, as if rounded to a {@code bfloat16}, or more coarsely with
 * more than 32 classes, so that memory is bounded.
 */
final class Ranks {
  private static final int MOST = 1 << 22;
  private static final int MOST_BINS = 1 << 21;

  private final int limit;
  private final int shift;
  private long[] kept = new long[64];
  private int size;

  /** Negatives and positives by bin, once there are too many to be kept. */
  private long[] bins = {};

  Ranks(int classes) {
    this(MOST / classes, Math.max(16, 32 - Integer.numberOfTrailingZeros(floor(classes))));
  }

  /** Keeps a number of scores, then bins of all but some bits of a score. */
  Ranks(int limit, int shift) {
    this.limit = limit;
    this.shift = shift;
  }

  private static int floor(int classes) {
    return Integer.highestOneBit(MOST_BINS / classes);
  }

  /** 1 for a positive, 0 for a negative. */
  static int side(boolean positive) {
    return positive ? 1 : 0;
  }

  void add(float score, int side) {
    long key = ordered(score) << 1 | side;
    if (bins.length > 0) {
      count(key);
      return;
    }
    if (size == kept.length) {
      kept = Arrays.copyOf(kept, Math.min(limit, 2 * size));
    }
    kept[size++] = key;
    if (size == limit) {
      bins = new long[2 << (32 - shift)];
      Arrays.stream(kept).forEach(this::count);
      kept = new long[0];
    }
  }

  private void count(long key) {
    bins[(int) (key >>> (1 + shift) << 1 | key & 1)]++;
  }

  /** A score's bits, so that unsigned numbers of 32 bits have the order of scores; -0 is 0. */
  private static long ordered(float score) {
    int bits = Float.floatToIntBits(score + 0f);
    return (bits < 0 ? ~bits : bits | 0x8000_0000) & 0xFFFF_FFFFL;
  }

  /** The area under the curve; not a number where one side is missing. */
  double area() {
    Area area = new Area();
    if (bins.length > 0) {
      for (int bin = 0; bin < bins.length; bin += 2) {
        area.add(bins[bin], bins[bin + 1]);
      }
      return area.value();
    }
    Arrays.sort(kept, 0, size);
    int at = 0;
    while (at < size) {
      int begin = at;
      long positives = 0;
      while (at < size && kept[at] >>> 1 == kept[begin] >>> 1) {
        positives += kept[at++] & 1;
      }
      area.add(at - begin - positives, positives);
    }
    return area.value();
  }

  /** Pairs of a negative and a positive, counted from the lowest score up. */
  private static final class Area {
    private double below;
    private double positives;
    private double pairs;

    /** Adds all of one score. */
    void add(long negatives, long equalPositives) {
      pairs += equalPositives * (below + 0.5 * negatives);
      below += negatives;
      positives += equalPositives;
    }

    double value() {
      return pairs / (below * positives);
    }
  }
}
