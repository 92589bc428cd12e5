package dev.lathe.serve;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long runs take, measured as they happen: for each row shape, averages by powers of two of
 * rows, newer runs counting more. Few shapes are remembered, the ones used last. Safe for use by
 * many threads.
 */
final class RunTimes {
  private static final int MOST_SHAPES = 64;

  /** A run that took longer than this many times the average counts as that: a pause is no cost. */
  private static final double MOST_OUTLYING = 4;

  private static final double WEIGHT_OF_NEW = 0.1;

  /** Runs of a size before its speed is believed. */
  private static final int ENOUGH = 8;

  /** A larger size must be slower by this much before it is avoided. */
  private static final double CLEARLY = 0.9;

  /** Every so many decisions the largest size is tried all the same. */
  private static final int TRY_AGAIN = 64;

  private final Map<RowShape, Curve> curves =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<RowShape, Curve> eldest) {
          return size() > MOST_SHAPES;
        }
      };

  /** The share of runs that may take longer than they are thought to when they must be in time. */
  private static final double LATE = 0.1;

  private final Margin margin = new Margin(LATE, 0.05, 1.1);
  private double nanosPerRow;
  private int decisions;

  private static final class Curve {
    private final double[] nanos = new double[Long.SIZE];
    private final double[] rows = new double[Long.SIZE];
    private final int[] runs = new int[Long.SIZE];

    /** Runs that were stopped when they had taken a good part of what they were thought to. */
    private final int[] stops = new int[Long.SIZE];

    boolean isSure(int size) {
      return runs[size] > 0 && runs[size] + stops[size] >= ENOUGH;
    }
  }

  /** A run of some rows took some time. */
  synchronized void ran(RowShape shape, long rows, long nanos) {
    long counted = Math.max(1, rows);
    Curve curve = curves.computeIfAbsent(shape, absent -> new Curve());
    int size = sizeOf(counted);
    if (curve.runs[size] >= ENOUGH) {
      weigh(nanos, nanos(shape, counted));
    }
    double usual = curve.nanos[size];
    double time = curve.runs[size] == 0 ? nanos : Math.min(nanos, MOST_OUTLYING * usual);
    double weight = Math.max(WEIGHT_OF_NEW, 1.0 / (curve.runs[size] + 1));
    curve.nanos[size] += weight * (time - usual);
    curve.rows[size] += weight * (counted - curve.rows[size]);
    curve.runs[size] = Math.min(curve.runs[size] + 1, Integer.MAX_VALUE - 1);
    double perRow = time / counted;
    nanosPerRow += nanosPerRow == 0 ? perRow : WEIGHT_OF_NEW * (perRow - nanosPerRow);
  }

  /** A run was stopped after some time, because by then all its requests were too late. */
  synchronized void stopped(RowShape shape, long rows, long nanos) {
    Curve curve = curves.get(shape);
    double thought = nanos(shape, rows);
    if (curve == null || nanos > thought) {
      ran(shape, rows, nanos);
    } else if (nanos > thought / 2) {
      int size = sizeOf(Math.max(1, rows));
      curve.stops[size] = Math.min(curve.stops[size] + 1, ENOUGH);
    }
  }

  private void weigh(long nanos, double predicted) {
    if (nanos > margin.factor() * predicted) {
      margin.exceeded();
    } else {
      margin.kept();
    }
  }

  /** How long a run would take, in nanoseconds; 0 if nothing is known. */
  synchronized double nanos(RowShape shape, long rows) {
    long counted = Math.max(1, rows);
    Curve curve = curves.get(shape);
    if (curve == null) {
      return nanosPerRow * counted;
    }
    int size = sizeOf(counted);
    for (int distance = 0; distance < Long.SIZE; distance++) {
      int below = size - distance;
      if (below >= 0 && curve.runs[below] > 0) {
        return beyond(curve, below, counted);
      }
      int above = size + distance;
      if (above < Long.SIZE && curve.runs[above] > 0) {
        return curve.nanos[above];
      }
    }
    return 0;
  }

  /** From the runs of a size: as much longer as they have more rows, or as larger runs were. */
  private static double beyond(Curve curve, int size, long counted) {
    double nanos = curve.nanos[size];
    double more = counted - curve.rows[size];
    if (more <= 0) {
      return nanos;
    }
    for (int above = size + 1; above < Long.SIZE; above++) {
      if (curve.runs[above] > 0) {
        double slope = (curve.nanos[above] - nanos) / (curve.rows[above] - curve.rows[size]);
        return nanos + Math.max(0, slope) * more;
      }
    }
    return nanos * counted / curve.rows[size];
  }

  /** How long runs of this shape and about as many rows took; 0 if too few were seen. */
  synchronized double measured(RowShape shape, long rows) {
    Curve curve = curves.get(shape);
    int size = sizeOf(Math.max(1, rows));
    return curve == null || curve.runs[size] < ENOUGH ? 0 : curve.nanos[size];
  }

  /**
   * How long a run of some rows takes at the least, by what enough runs of as many or more rows
   * have shown: one that was seen a few times only is no longer than larger ones are.
   *
   * @return nanoseconds; 0 if too few were seen
   */
  synchronized double surely(RowShape shape, long rows) {
    Curve curve = curves.get(shape);
    if (curve == null) {
      return 0;
    }
    double least = Double.MAX_VALUE;
    for (int size = sizeOf(Math.max(1, rows)); size < Long.SIZE; size++) {
      if (curve.isSure(size)) {
        least = Math.min(least, curve.nanos[size]);
      }
    }
    return least == Double.MAX_VALUE ? 0 : Math.min(least, nanos(shape, rows));
  }

  /**
   * The most rows that make a run better: where the engine does fewer rows a second in larger runs,
   * the largest run of the fastest size.
   *
   * @param most the most that is allowed
   */
  synchronized long bestRows(RowShape shape, long most) {
    Curve curve = curves.get(shape);
    decisions++;
    if (curve == null || most <= 1 || decisions % TRY_AGAIN == 0) {
      return most;
    }
    int fastest = -1;
    for (int size = 0; size < Long.SIZE; size++) {
      if (curve.runs[size] >= ENOUGH && (fastest < 0 || rate(curve, size) > rate(curve, fastest))) {
        fastest = size;
      }
    }
    for (int size = fastest + 1; fastest >= 0 && size < Long.SIZE; size++) {
      if (curve.runs[size] >= ENOUGH) {
        boolean slower = rate(curve, size) < CLEARLY * rate(curve, fastest);
        return slower ? Math.min(most, (2L << fastest) - 1) : most;
      }
    }
    return most;
  }

  /**
   * How long the run of a request may be.
   *
   * @param rows its own
   * @param usual nanoseconds that the run should usually take no longer than
   * @param left nanoseconds that the run must not exceed but rarely
   */
  record Limit(long rows, double usual, long left) {}

  /**
   * The most rows of a run that a request should be part of. Where its own rows take longer than
   * that alone, others come along as far as they do not clearly make it longer: fewer rows would
   * win it no time.
   *
   * @param most the most that is allowed
   * @return at least 1
   */
  synchronized long rowsWithin(RowShape shape, long most, Limit limit) {
    double sure = limit.left() / Math.max(1, margin.factor());
    double usual = Math.min(limit.usual(), sure);
    double alone = nanos(shape, limit.rows());
    return rowsWithin(shape, most, alone > usual ? Math.min(limit.left(), alone / CLEARLY) : usual);
  }

  /** The most rows whose run usually takes no longer than some nanoseconds; at least 1. */
  private long rowsWithin(RowShape shape, long most, double usual) {
    if (nanos(shape, most) <= usual) {
      return most;
    }
    long fits = 1;
    long exceeds = most;
    while (exceeds - fits > 1) {
      long middle = (fits + exceeds) / 2;
      if (nanos(shape, middle) <= usual) {
        fits = middle;
      } else {
        exceeds = middle;
      }
    }
    return fits;
  }

  private static double rate(Curve curve, int size) {
    return curve.rows[size] / Math.max(1, curve.nanos[size]);
  }

  private static int sizeOf(long rows) {
    return Long.SIZE - 1 - Long.numberOfLeadingZeros(rows);
  }
}
