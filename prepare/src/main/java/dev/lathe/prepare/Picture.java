package dev.lathe.prepare;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A PNG or JPEG file's pixels, brought to a shape. Palettes are looked up, 16 bits become 8, grey
 * is spread to colours and colours become grey by ITU-R 601; transparency is dropped, as Pillow's
 * {@code convert} does.
 */
public final class Picture {
  /** The most pixels that a file may have, unless fewer are allowed. */
  public static final int MAX_PIXELS = 1 << 25;

  /** A file of more scans asks for far more work than its pixels say. */
  private static final int MAX_SCANS = 256;

  private static final List<String> FORMATS = List.of("png", "jpeg");

  private final ImageShape shape;
  private final Fit fit;
  private final int shortSide;
  private final int maxPixels;

  /**
   * Reads files to one shape.
   *
   * @param shape what every image becomes
   * @param fit how an image of another shape is brought to it
   */
  public Picture(ImageShape shape, Fit fit) {
    this(shape, fit, 0, MAX_PIXELS);
  }

  private Picture(ImageShape shape, Fit fit, int shortSide, int maxPixels) {
    this.shape = shape;
    this.fit = fit;
    this.shortSide = shortSide;
    this.maxPixels = maxPixels;
  }

  /**
   * The same, but images are resized by their short side first, and their middle is cut out then:
   * what is beyond it is lost.
   *
   * @param pixels the length of the short side after resizing, no less than the longest side of the
   *     shape
   * @return a reader of the same shape
   */
  public Picture withShortSide(int pixels) {
    return new Picture(shape, fit, pixels, maxPixels);
  }

  /**
   * The same with another limit.
   *
   * @param pixels the most pixels of a file, at most {@link #MAX_PIXELS}
   * @return a reader of the same shape
   */
  public Picture withMaxPixels(int pixels) {
    return new Picture(shape, fit, shortSide, Math.min(pixels, MAX_PIXELS));
  }

  /** Why a file is no image that can be used. */
  public static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message);
    }
  }

  /**
   * The pixels of a file.
   *
   * @param file a PNG or JPEG file
   * @return whole numbers of 0 to 255, [C, H, W]
   * @throws Unreadable if it is no such file, damaged, or of too many pixels
   */
  public float[] read(byte[] file) throws Unreadable {
    return shaped(decoded(file));
  }

  private BufferedImage decoded(byte[] file) throws Unreadable {
    requireFewScans(file);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      ImageReader reader = reader(in);
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > maxPixels) {
          throw new Unreadable(
              reader.getWidth(0)
                  + "×"
                  + reader.getHeight(0)
                  + " pixels (expected: at most "
                  + maxPixels
                  + " in all)");
        }
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      throw new Unreadable("cannot be decoded: " + e.getMessage());
    }
  }

  /** In a JPEG file a scan begins with FF DA; its data never have these two. */
  private static void requireFewScans(byte[] file) throws Unreadable {
    boolean jpeg = file.length > 2 && file[0] == (byte) 0xFF && file[1] == (byte) 0xD8;
    int scans = 0;
    for (int i = 0; jpeg && i + 1 < file.length; i++) {
      if (file[i] == (byte) 0xFF && file[i + 1] == (byte) 0xDA && ++scans > MAX_SCANS) {
        throw new Unreadable("more than " + MAX_SCANS + " scans (expected: at most that)");
      }
    }
  }

  private static ImageReader reader(ImageInputStream in) throws Unreadable {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      try {
        if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
          return reader;
        }
      } catch (IOException e) {
        throw new Unreadable("cannot be decoded: " + e.getMessage());
      }
    }
    throw new Unreadable("no PNG or JPEG image");
  }

  private float[] shaped(BufferedImage image) throws Unreadable {
    int height = image.getHeight();
    int width = image.getWidth();
    if (shortSide > 0) {
      return cut(image, height, width);
    }
    int rows = height;
    int columns = width;
    if (fit == Fit.CROP) {
      rows = (int) Math.min(height, Math.max(1, (long) width * shape.height() / shape.width()));
      columns = (int) Math.min(width, Math.max(1, (long) height * shape.width() / shape.height()));
    }
    Resize down = new Resize((height - rows) / 2, rows, shape.height());
    Resize across = new Resize((width - columns) / 2, columns, shape.width());
    return new Planes(image, shape.channels()).resized(down, across);
  }

  private float[] cut(BufferedImage image, int height, int width) throws Unreadable {
    long side = Math.min(height, width);
    if (Math.max(height, width) * (long) shortSide / side > MAX_PIXELS) {
      throw new Unreadable(width + "×" + height + " pixels (expected: not so narrow)");
    }
    Resize down = middle(height, (int) (height * (long) shortSide / side), shape.height());
    Resize across = middle(width, (int) (width * (long) shortSide / side), shape.width());
    return new Planes(image, shape.channels()).resized(down, across);
  }

  private static Resize middle(int length, int whole, int kept) {
    int start = (int) Math.rint((whole - kept) / 2.0);
    return new Resize(0, length, whole, new Resize.Kept(start, kept));
  }

  /** The channels of an image, row by row. */
  private record Planes(Raster raster, ColorModel colors, int channels) {
    Planes(BufferedImage image, int channels) {
      this(image.getRaster(), image.getColorModel(), channels);
    }

    /** Resizes each row as it is read, so that no more than the rows in use are held. */
    float[] resized(Resize down, Resize across) {
      int area = down.size() * across.size();
      float[] result = new float[channels * area];
      float[] row = new float[channels * raster.getWidth()];
      float[] narrow = new float[across.size()];
      int[] samples = new int[raster.getWidth() * raster.getNumBands()];
      for (int y = down.from(); y < down.from() + down.length(); y++) {
        row(y, samples, row);
        for (int c = 0; c < channels; c++) {
          across.row(row, c * raster.getWidth(), narrow);
          down.spread(y, narrow, result, c * area);
        }
      }
      for (int i = 0; i < result.length; i++) {
        result[i] = Math.clamp((float) Math.rint(result[i]), 0f, 255f);
      }
      return result;
    }

    /** The numbers of a row, channel after channel. */
    private void row(int y, int[] samples, float[] row) {
      int width = raster.getWidth();
      int bands = raster.getNumBands();
      raster.getPixels(0, y, width, 1, samples);
      float[] pixel = new float[3];
      boolean grey = bands < 3 && !(colors instanceof IndexColorModel);
      for (int x = 0; x < width; x++) {
        int at = x * bands;
        if (colors instanceof IndexColorModel palette) {
          int rgb = palette.getRGB(samples[at]);
          for (int c = 0; c < 3; c++) {
            pixel[c] = rgb >> 16 - 8 * c & 0xFF;
          }
        } else {
          for (int c = 0; c < 3; c++) {
            pixel[c] = eight(samples[grey ? at : at + c], grey ? 0 : c);
          }
        }
        set(row, x, pixel);
      }
    }

    private float eight(int sample, int band) {
      int bits = colors.getComponentSize(band);
      return bits == 8 ? sample : sample * 255f / ((1 << bits) - 1);
    }

    private void set(float[] row, int x, float[] pixel) {
      if (channels == 1) {
        boolean grey = pixel[0] == pixel[1] && pixel[1] == pixel[2];
        row[x] = grey ? pixel[0] : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
        return;
      }
      for (int c = 0; c < channels; c++) {
        row[c * raster.getWidth() + x] = pixel[c];
      }
    }
  }
}
