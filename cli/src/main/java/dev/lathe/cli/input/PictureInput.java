package dev.lathe.cli.input;

import dev.lathe.ir.Tensor;
import dev.lathe.server.VersionDetails.Port;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A picture as the input of a model that takes grey images: made grey, scaled to the model's size
 * by averaging areas, turned to bright on dark where its border is bright.
 *
 * @param port the model's only input: [N, 1, H, W], [N, H, W], or [N, S·S] from 8×8
 * @param scale what a white pixel becomes
 */
record PictureInput(Port port, double scale) {
  private static final int LARGEST_SIDE = 16_384;

  /** Fewer columns in a row are taken for measurements, even if their number is a square. */
  private static final int LEAST_FLAT = 64;

  private record Size(int height, int width) {}

  static boolean isPicture(byte[] bytes) {
    boolean png = bytes.length > 8 && bytes[0] == (byte) 0x89 && bytes[1] == 'P';
    boolean pnm = bytes.length > 8 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6';
    boolean jpeg = bytes.length > 8 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xD8;
    boolean gif = bytes.length > 8 && bytes[0] == 'G' && bytes[1] == 'I' && bytes[2] == 'F';
    boolean bmp = bytes.length > 8 && bytes[0] == 'B' && bytes[1] == 'M';
    return png || pnm || jpeg || gif || bmp;
  }

  Map<String, Tensor> read(byte[] bytes, String where) {
    Size size = size();
    Grey picture = bytes[0] == 'P' ? Pgm.read(bytes, where) : decode(bytes, where);
    Grey scaled = picture.brightOnDark().scaled(size.height(), size.width());
    double[] values = scaled.values();
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
    return Map.of(port.name(), new Batch(port).of(values, 1));
  }

  private Size size() {
    List<Long> example = new Batch(port).example();
    int rank = example.size();
    boolean small = rank == 1 && example.getFirst() < LEAST_FLAT;
    long height =
        rank >= 2 ? example.get(rank - 2) : side(rank == 1 && !small ? example.getFirst() : -1);
    long width = rank >= 2 ? example.get(rank - 1) : height;
    boolean oneChannel = rank < 3 || (rank == 3 && example.getFirst() == 1);
    if (height <= 0 || width <= 0 || height > LARGEST_SIDE || width > LARGEST_SIDE || !oneChannel) {
      throw Inputs.bad(
          "a picture for input \""
              + port.name()
              + "\" of shape "
              + port.shape()
              + " (expected: a model of grey images, [N, 1, H, W], [N, H, W], or [N, S*S] from 8 x"
              + " 8)",
          null);
    }
    return new Size((int) height, (int) width);
  }

  private static long side(long elements) {
    long side = Math.round(Math.sqrt(elements));
    return side * side == elements ? side : -1;
  }

  private static Grey decode(byte[] bytes, String where) {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw Inputs.bad(where + ": a kind of picture that cannot be read", null);
      }
      ImageReader reader = readers.next();
      reader.setInput(in);
      if (reader.getWidth(0) > LARGEST_SIDE || reader.getHeight(0) > LARGEST_SIDE) {
        throw Inputs.bad(where + ": larger than " + LARGEST_SIDE + " pixels on a side", null);
      }
      return grey(reader.read(0));
    } catch (IOException e) {
      throw Inputs.bad(where + ": a broken picture: " + e.getMessage(), e);
    }
  }

  private static Grey grey(BufferedImage image) {
    double[] values = new double[Math.multiplyExact(image.getWidth(), image.getHeight())];
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        values[y * image.getWidth() + x] = luma(image.getRGB(x, y));
      }
    }
    return new Grey(values, image.getWidth());
  }

  /** ITU-R BT.601 luma of a pixel over white where it is transparent, 0 to 1. */
  private static double luma(int argb) {
    double alpha = (argb >>> 24) / 255.0;
    int red = argb >> 16 & 0xFF;
    int green = argb >> 8 & 0xFF;
    int blue = argb & 0xFF;
    return alpha * ((299 * red + 587 * green + 114 * blue) / 255_000.0) + (1 - alpha);
  }
}
