package dev.lathe.train.data;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Dataset;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Synthetic handwriting: digits 0 to 9 as grey images, 28×28 values of 0 to 255, bright on dark.
 *
 * <p>Each writer has a slant, a width, a pen and a way for each digit; each drawing moves the
 * points a little, bends the whole by an elastic and an affine map, draws smooth curves (Catmull
 * and Rom 1974) with a round pen and adds noise. Drawing n depends on the seed, the part and n
 * only, so the same digits come out on every machine, in any order.
 */
public final class DrawnDigits {
  /** Pixels on a side. */
  public static final int SIDE = 28;

  private static final int PIXELS = SIDE * SIDE;
  private static final int DRAWINGS_PER_WRITER = 20;
  private static final int CHUNK = 64;
  private static final int STEPS = 6;

  private DrawnDigits() {}

  /** Who draws: the two parts share no writer. */
  public enum Part {
    /** Writers whose drawings are learned from. */
    TRAIN,
    /** Writers whose drawings are kept for the test. */
    TEST
  }

  /**
   * Draws.
   *
   * @param part who draws
   * @param count number of drawings, above 0
   * @param seed what they come from
   * @return features FLOAT [N, 1, 28, 28], targets INT64 [N], labels "0" to "9"
   */
  public static Dataset draw(Part part, int count, long seed) {
    float[] pixels = new float[Math.multiplyExact(count, PIXELS)];
    long[] digits = new long[count];
    IntStream.range(0, (count + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(chunk -> new Drawing(part, seed).chunk(chunk * CHUNK, pixels, digits));
    Tensor x = Tensor.ofFloats(pixels, count, 1, SIDE, SIDE);
    Tensor y = Tensor.ofLongs(digits, count);
    List<String> labels = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    String source =
        "drawn digits (synthetic), " + part.name().toLowerCase(Locale.ROOT) + ", seed " + seed;
    return new Dataset(x, y, labels, source, new Digest().add(x).add(y).hex());
  }

  /** One thread's pen and page. */
  private static final class Drawing {
    private final Part part;
    private final long seed;
    private final Page page = new Page(SIDE);

    Drawing(Part part, long seed) {
      this.part = part;
      this.seed = seed;
    }

    void chunk(int first, float[] pixels, long[] digits) {
      for (int n = first; n < Math.min(first + CHUNK, digits.length); n++) {
        Dice dice = new Dice(seed, part.ordinal(), n);
        Writer writer = Writer.of(new Dice(seed, part.ordinal(), -1, n / DRAWINGS_PER_WRITER));
        int digit = dice.below(10);
        digits[n] = digit;
        page.clear();
        write(digit, writer, dice);
        page.print(writer.ink(), dice, pixels, n * PIXELS);
      }
    }

    private void write(int digit, Writer writer, Dice dice) {
      Warp warp = new Warp(writer, SIDE, dice);
      double pen = writer.pen() * (1 + 0.08 * dice.normal());
      for (double[] stroke : DigitShapes.strokes(digit, writer.way(digit, dice))) {
        for (int i = 0; i < stroke.length; i++) {
          stroke[i] += writer.unsteady() * dice.normal();
        }
        curve(stroke, warp, pen);
      }
    }

    /** A smooth curve through all points; the pen presses a little less at the end. */
    private void curve(double[] points, Warp warp, double pen) {
      int knots = points.length / 2;
      double[] from = place(points, 0, 0, warp);
      for (int k = 0; k + 1 < knots; k++) {
        for (int step = 1; step <= STEPS; step++) {
          double[] to = place(points, k, (double) step / STEPS, warp);
          double done = (k + (double) step / STEPS) / (knots - 1);
          page.line(from, to, pen * (1.05 - 0.15 * done));
          from = to;
        }
      }
    }

    private static double[] place(double[] points, int k, double t, Warp warp) {
      double u = spline(points, k, t, 0);
      double v = spline(points, k, t, 1);
      return new double[] {warp.x(u, v), warp.y(u, v)};
    }

    private static double spline(double[] points, int k, double t, int axis) {
      int last = points.length / 2 - 1;
      double a = points[2 * Math.max(0, k - 1) + axis];
      double b = points[2 * k + axis];
      double c = points[2 * Math.min(last, k + 1) + axis];
      double d = points[2 * Math.min(last, k + 2) + axis];
      double curve = (3 * (b - c) + d - a) * t + (2 * a - 5 * b + 4 * c - d);
      return b + 0.5 * t * (c - a + t * curve);
    }
  }
}
