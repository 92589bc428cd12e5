package dev.lathe.cli.input;

/**
 * A grey picture.
 *
 * @param values row-major, [height, width], 0 dark to 1 bright
 * @param width pixels in a row
 */
record Grey(double[] values, int width) {
  int height() {
    return values.length / width;
  }

  /** Itself if its border is dark, else its negative: models of drawings see bright on dark. */
  Grey brightOnDark() {
    double sum = 0;
    int count = 0;
    for (int y = 0; y < height(); y++) {
      for (int x = 0; x < width; x++) {
        if (y == 0 || x == 0 || y == height() - 1 || x == width - 1) {
          sum += values[y * width + x];
          count++;
        }
      }
    }
    if (sum <= count * 0.5) {
      return this;
    }
    double[] negative = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      negative[i] = 1 - values[i];
    }
    return new Grey(negative, width);
  }

  /** Scaled by averaging: each new pixel is the mean of the area that it covers. */
  Grey scaled(int newHeight, int newWidth) {
    double[] scaled = new double[Math.multiplyExact(newHeight, newWidth)];
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        double top = (double) y * height() / newHeight;
        double bottom = (double) (y + 1) * height() / newHeight;
        double left = (double) x * width / newWidth;
        double right = (double) (x + 1) * width / newWidth;
        scaled[y * newWidth + x] = mean(new Area(top, bottom, left, right));
      }
    }
    return new Grey(scaled, newWidth);
  }

  private record Area(double top, double bottom, double left, double right) {
    double overlap(int x, int y) {
      double high = Math.min(bottom, y + 1.0) - Math.max(top, y);
      double wide = Math.min(right, x + 1.0) - Math.max(left, x);
      return Math.max(0, high) * Math.max(0, wide);
    }
  }

  private double mean(Area area) {
    double sum = 0;
    double covered = 0;
    for (int y = (int) area.top(); y < Math.min(height(), Math.ceil(area.bottom())); y++) {
      for (int x = (int) area.left(); x < Math.min(width, Math.ceil(area.right())); x++) {
        double part = area.overlap(x, y);
        sum += part * values[y * width + x];
        covered += part;
      }
    }
    return covered == 0 ? 0 : sum / covered;
  }
}
