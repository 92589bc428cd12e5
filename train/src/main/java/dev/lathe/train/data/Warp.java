package dev.lathe.train.data;

/**
 * Where points of a digit's box go on the page: an elastic field, then an affine map.
 *
 * <p>The field is a 4×4 grid of random displacements, blended smoothly between its knots (after
 * Simard, Steinkraus and Platt 2003, who smooth a field of pixels).
 */
final class Warp {
  private static final int KNOTS = 4;

  private final double[] fieldX = new double[KNOTS * KNOTS];
  private final double[] fieldY = new double[KNOTS * KNOTS];
  private final double xx;
  private final double xy;
  private final double yx;
  private final double yy;
  private final double atX;
  private final double atY;

  Warp(Writer writer, int side, Dice dice) {
    double strength = dice.uniform(0.015, 0.055);
    for (int i = 0; i < fieldX.length; i++) {
      fieldX[i] = strength * dice.normal();
      fieldY[i] = strength * dice.normal();
    }
    double angle = 0.09 * dice.normal();
    double height = writer.size() * (1 + 0.05 * dice.normal());
    double width = height * writer.width() * (1 + 0.07 * dice.normal());
    double shear = writer.slant() + 0.04 * dice.normal();
    double sin = StrictMath.sin(angle);
    double cos = StrictMath.cos(angle);
    xx = cos * width;
    xy = -cos * shear * height - sin * height;
    yx = sin * width;
    yy = -sin * shear * height + cos * height;
    atX = side / 2.0 + 0.9 * dice.normal();
    atY = side / 2.0 + 0.9 * dice.normal();
  }

  double x(double u, double v) {
    return atX + xx * (u + at(fieldX, u, v) - 0.5) + xy * (v + at(fieldY, u, v) - 0.5);
  }

  double y(double u, double v) {
    return atY + yx * (u + at(fieldX, u, v) - 0.5) + yy * (v + at(fieldY, u, v) - 0.5);
  }

  private static double at(double[] field, double u, double v) {
    double gu = Math.max(0, Math.min(0.9999, u)) * (KNOTS - 1);
    double gv = Math.max(0, Math.min(0.9999, v)) * (KNOTS - 1);
    int i = (int) gu;
    int j = (int) gv;
    double a = smooth(gu - i);
    double b = smooth(gv - j);
    int k = j * KNOTS + i;
    double top = field[k] * (1 - a) + field[k + 1] * a;
    double bottom = field[k + KNOTS] * (1 - a) + field[k + KNOTS + 1] * a;
    return top * (1 - b) + bottom * b;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }
}
