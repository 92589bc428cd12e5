package dev.lathe.serve;

/** How fast rows arrive: an average over the last tenth of a second or so. Not thread-safe. */
final class Arrivals {
  private static final double MEMORY_NANOS = 50_000_000;

  private double recent;
  private long last;

  /** Some rows arrived. */
  void add(long rows, long now) {
    recent = decayed(now) + rows;
    last = now;
  }

  /** Rows per nanosecond. */
  double rate(long now) {
    return decayed(now) / MEMORY_NANOS;
  }

  private double decayed(long now) {
    long gap = now - last;
    return gap <= 0 ? recent : recent * Math.exp(-gap / MEMORY_NANOS);
  }
}
