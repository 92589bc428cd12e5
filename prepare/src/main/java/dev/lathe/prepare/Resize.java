package dev.lathe.prepare;

/**
 * Linear interpolation of one axis; where many source places fall on one, all count by a triangle
 * as wide as the step, so that nothing flickers ({@code antialias} in other libraries). Source
 * place i has its middle at i + ½.
 */
final class Resize {
  private final int from;
  private final int length;
  private final int whole;
  private final Kept kept;
  private final int[] first;
  private final float[][] weights;

  /** Which places of the result are made. */
  record Kept(int start, int count) {}

  /** From so many source places, beginning at one, to a size. */
  Resize(int from, int length, int size) {
    this(from, length, size, new Kept(0, size));
  }

  /** As if all source places became a size, of which only some places are made. */
  Resize(int from, int length, int whole, Kept kept) {
    this.from = from;
    this.length = length;
    this.whole = whole;
    this.kept = kept;
    this.first = new int[kept.count()];
    this.weights = new float[kept.count()][];
    double step = (double) length / whole;
    double reach = Math.max(1, step);
    for (int i = 0; i < kept.count(); i++) {
      double middle = (kept.start() + i + 0.5) * step;
      int low = (int) Math.max(0, Math.floor(middle - reach + 0.5));
      int high = (int) Math.min(length, Math.floor(middle + reach + 0.5));
      first[i] = from + low;
      weights[i] = triangle(low, high, middle, reach);
    }
  }

  private static float[] triangle(int low, int high, double middle, double reach) {
    double[] heights = new double[high - low];
    double sum = 0;
    for (int k = 0; k < heights.length; k++) {
      heights[k] = Math.max(0, 1 - Math.abs((low + k + 0.5 - middle) / reach));
      sum += heights[k];
    }
    float[] weights = new float[heights.length];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = (float) (heights[k] / sum);
    }
    return weights;
  }

  int from() {
    return from;
  }

  int length() {
    return length;
  }

  int size() {
    return kept.count();
  }

  /** Resizes the source places that begin at an offset. */
  void row(float[] source, int offset, float[] into) {
    for (int i = 0; i < kept.count(); i++) {
      float sum = 0;
      for (int k = 0; k < weights[i].length; k++) {
        sum += weights[i][k] * source[offset + first[i] + k];
      }
      into[i] = sum;
    }
  }

  /** Adds one source row to all rows of the result that it has a part in. */
  void spread(int place, float[] row, float[] into, int offset) {
    int reach = 1 + Math.max(1, length / whole);
    int about = (int) ((long) (place - from) * whole / length) - kept.start();
    int margin = 2 + reach * whole / length;
    int end = Math.min(kept.count(), about + margin + 1);
    for (int i = Math.max(0, about - margin); i < end; i++) {
      int k = place - first[i];
      if (k >= 0 && k < weights[i].length && weights[i][k] != 0) {
        for (int x = 0; x < row.length; x++) {
          into[offset + i * row.length + x] += weights[i][k] * row[x];
        }
      }
    }
  }
}
