package dev.lathe.train.data;

import java.util.Arrays;

/** A square of grey pixels that a round pen draws on, with soft edges. */
final class Page {
  private final int side;
  private final double[] ink;

  Page(int side) {
    this.side = side;
    this.ink = new double[side * side];
  }

  void clear() {
    Arrays.fill(ink, 0);
  }

  /** A line as wide as the pen; where lines cross, the darker one counts. */
  void line(double[] from, double[] to, double radius) {
    double reach = radius + 1;
    int left = bound(Math.min(from[0], to[0]) - reach);
    int right = bound(Math.max(from[0], to[0]) + reach + 1);
    int top = bound(Math.min(from[1], to[1]) - reach);
    int bottom = bound(Math.max(from[1], to[1]) + reach + 1);
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double length = Math.max(1e-12, dx * dx + dy * dy);
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        double px = column + 0.5 - from[0];
        double py = row + 0.5 - from[1];
        double t = Math.max(0, Math.min(1, (px * dx + py * dy) / length));
        double ex = px - t * dx;
        double ey = py - t * dy;
        double cover = radius + 0.5 - Math.sqrt(ex * ex + ey * ey);
        int at = row * side + column;
        ink[at] = Math.max(ink[at], Math.min(1, cover));
      }
    }
  }

  private int bound(double value) {
    return (int) Math.max(0, Math.min(side, value));
  }

  /** The grey values 0 to 255 after noise, written from a place on. */
  void print(double darkness, Dice dice, float[] into, int at) {
    double noise = dice.uniform(0, 12);
    for (int i = 0; i < ink.length; i++) {
      double grain = dice.uniform() + dice.uniform() + dice.uniform() - 1.5;
      double grey = 255 * darkness * ink[i] + 2 * noise * grain;
      into[at + i] = (float) Math.rint(Math.max(0, Math.min(255, grey)));
    }
  }
}
