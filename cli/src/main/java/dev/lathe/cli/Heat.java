package dev.lathe.cli;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Attributions of an image, its channels added up.
 *
 * @param values row-major, [H, W]
 * @param width W
 */
record Heat(double[] values, int width) {
  private static final int SMALLEST_SIDE = 256;

  /** Of attributions [C, H, W] or [H, W]. */
  static Heat of(Tensor attributions) {
    int width = Math.toIntExact(attributions.dim(attributions.rank() - 1));
    int height = Math.toIntExact(attributions.dim(attributions.rank() - 2));
    double[] sums = new double[height * width];
    for (int i = 0; i < attributions.size(); i++) {
      sums[i % sums.length] += attributions.doubleAt(i);
    }
    return new Heat(sums, width);
  }

  private double largest() {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest == 0 ? 1 : largest;
  }

  /** What speaks for the class, 0 to 1; roots, since few elements are large. */
  double[] supporting() {
    double largest = largest();
    double[] shown = new double[values.length];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = Math.sqrt(Math.max(0, values[i]) / largest);
    }
    return shown;
  }

  /** Writes a PNG: red speaks for the class, blue against it, white says nothing; by roots. */
  void write(Path file) {
    int height = values.length / width;
    int scale = Math.max(1, (SMALLEST_SIDE + width - 1) / width);
    BufferedImage image =
        new BufferedImage(width * scale, height * scale, BufferedImage.TYPE_INT_RGB);
    double largest = largest();
    for (int y = 0; y < height * scale; y++) {
      for (int x = 0; x < width * scale; x++) {
        image.setRGB(x, y, colour(values[y / scale * width + x / scale] / largest));
      }
    }
    try {
      ImageIO.write(image, "png", file.toFile());
    } catch (IOException e) {
      throw new LatheException(PlaceError.CANNOT_WRITE, file + " cannot be written", e);
    }
  }

  private static int colour(double part) {
    int less = 255 - (int) Math.round(255 * Math.sqrt(Math.abs(part)));
    return part >= 0 ? 0xff0000 | less << 8 | less : less << 16 | less << 8 | 0xff;
  }
}
