package dev.lathe.server.access;

/** How much was used in the last sixty seconds, exact to a second. Not safe for many threads. */
final class MinuteWindow {
  private static final int SECONDS = 60;

  private final long[] amounts = new long[SECONDS];
  private long last;
  private long sum;

  /**
   * The amount that counts now.
   *
   * @param second the current second, never less than before
   */
  long sum(long second) {
    long gone = Math.min(SECONDS, second - last);
    for (long i = 1; i <= gone; i++) {
      int slot = Math.floorMod(last + i, SECONDS);
      sum -= amounts[slot];
      amounts[slot] = 0;
    }
    last = Math.max(last, second);
    return sum;
  }

  void add(long second, long amount) {
    sum(second);
    amounts[Math.floorMod(last, SECONDS)] += amount;
    sum += amount;
  }

  /** Seconds until less than a limit counts, if nothing is added. */
  long secondsUntilBelow(long limit) {
    long counts = sum;
    for (int i = 1; i <= SECONDS; i++) {
      counts -= amounts[Math.floorMod(last + i, SECONDS)];
      if (counts < limit) {
        return i;
      }
    }
    return SECONDS;
  }
}
