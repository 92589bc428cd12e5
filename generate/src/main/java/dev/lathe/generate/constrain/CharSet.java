package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A set of Unicode's scalar values, which are code points without surrogates. */
final class CharSet {
  private static final int LAST = Character.MAX_CODE_POINT;

  /** Every scalar value. */
  static final CharSet ALL = new CharSet(new int[] {0, 0xD7FF, 0xE000, LAST});

  /** Nothing. */
  static final CharSet NONE = new CharSet(new int[0]);

  /** First and last of each range, in order, disjoint, not touching. */
  private final int[] ranges;

  private CharSet(int[] ranges) {
    this.ranges = ranges;
  }

  static CharSet of(int... ranges) {
    List<int[]> pairs = new ArrayList<>();
    for (int i = 0; i < ranges.length; i += 2) {
      pairs.add(new int[] {ranges[i], ranges[i + 1]});
    }
    return joined(pairs).and(ALL);
  }

  static CharSet one(int code) {
    return of(code, code);
  }

  /** The characters of a text. */
  static CharSet each(String text) {
    int[] codes = text.codePoints().flatMap(c -> java.util.stream.IntStream.of(c, c)).toArray();
    return of(codes);
  }

  private static CharSet joined(List<int[]> pairs) {
    pairs.sort((a, b) -> Integer.compare(a[0], b[0]));
    int[] out = new int[pairs.size() * 2];
    int n = 0;
    for (int[] pair : pairs) {
      if (n > 0 && pair[0] <= out[n - 1] + 1) {
        out[n - 1] = Math.max(out[n - 1], pair[1]);
      } else {
        out[n++] = pair[0];
        out[n++] = pair[1];
      }
    }
    return new CharSet(Arrays.copyOf(out, n));
  }

  int[] ranges() {
    return ranges;
  }

  boolean isEmpty() {
    return ranges.length == 0;
  }

  boolean has(int code) {
    for (int i = 0; i < ranges.length; i += 2) {
      if (code >= ranges[i] && code <= ranges[i + 1]) {
        return true;
      }
    }
    return false;
  }

  CharSet or(CharSet other) {
    List<int[]> pairs = new ArrayList<>();
    addTo(pairs);
    other.addTo(pairs);
    return joined(pairs);
  }

  private void addTo(List<int[]> pairs) {
    for (int i = 0; i < ranges.length; i += 2) {
      pairs.add(new int[] {ranges[i], ranges[i + 1]});
    }
  }

  CharSet and(CharSet other) {
    int[] out = new int[(ranges.length + other.ranges.length) * 2];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < ranges.length && j < other.ranges.length) {
      int low = Math.max(ranges[i], other.ranges[j]);
      int high = Math.min(ranges[i + 1], other.ranges[j + 1]);
      if (low <= high) {
        out[n++] = low;
        out[n++] = high;
      }
      if (ranges[i + 1] < other.ranges[j + 1]) {
        i += 2;
      } else {
        j += 2;
      }
    }
    return new CharSet(Arrays.copyOf(out, n));
  }

  CharSet not() {
    int[] out = new int[ranges.length + 2];
    int n = 0;
    int next = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      if (ranges[i] > next) {
        out[n++] = next;
        out[n++] = ranges[i] - 1;
      }
      next = ranges[i + 1] + 1;
    }
    if (next <= LAST) {
      out[n++] = next;
      out[n++] = LAST;
    }
    return new CharSet(Arrays.copyOf(out, n)).and(ALL);
  }

  CharSet minus(CharSet other) {
    return and(other.not());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CharSet set && Arrays.equals(ranges, set.ranges);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ranges);
  }
}
