package dev.lathe.generate.constrain;

import java.nio.charset.StandardCharsets;

/** Ranges of characters as sequences of ranges of bytes. */
final class Utf8 {
  private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

  private Utf8() {}

  /** Receives a sequence: byte i lies from {@code low[i]} to {@code high[i]}. */
  interface Sequences {
    void accept(int[] low, int[] high);
  }

  /** Tells all sequences of a set; they are disjoint. */
  static void split(CharSet set, Sequences to) {
    int[] ranges = set.ranges();
    for (int i = 0; i < ranges.length; i += 2) {
      int low = ranges[i];
      for (int last : LAST_OF_LENGTH) {
        if (low > last) {
          continue;
        }
        int high = Math.min(ranges[i + 1], last);
        if (low <= high) {
          sameLength(low, high, to);
        }
        low = Math.max(low, last + 1);
        if (low > ranges[i + 1]) {
          break;
        }
      }
    }
  }

  /** Both ends have as many bytes; cut until only the range of the last bytes differs freely. */
  private static void sameLength(int low, int high, Sequences to) {
    for (int bits = 6; bits <= 18; bits += 6) {
      int mask = (1 << bits) - 1;
      if ((low & ~mask) == (high & ~mask)) {
        break;
      }
      if (low > 0x7F && (low & mask) != 0) {
        sameLength(low, low | mask, to);
        sameLength((low | mask) + 1, high, to);
        return;
      }
      if (low > 0x7F && (high & mask) != mask) {
        sameLength(low, (high & ~mask) - 1, to);
        sameLength(high & ~mask, high, to);
        return;
      }
    }
    to.accept(bytes(low), bytes(high));
  }

  private static int[] bytes(int code) {
    byte[] bytes = Character.toString(code).getBytes(StandardCharsets.UTF_8);
    int[] out = new int[bytes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = bytes[i] & 0xFF;
    }
    return out;
  }
}
