package dev.lathe.serve.pipeline;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Fit;
import dev.lathe.prepare.ImageShape;
import dev.lathe.prepare.Picture;
import dev.lathe.registry.Step;
import dev.lathe.serve.ServeError;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * PNG or JPEG files to numbers, "image" BYTES [N] to "pixels" [N, C, H, W] or [N, H, W, C]. A file
 * may be given as it is or, where a request can hold text only, in Base64.
 */
final class ImageStep implements BuiltInStep {
  private static final long MOST_NUMBERS = 1L << 28;
  private static final Pattern DATA_URL = Pattern.compile("^data:image/[a-z]+;base64,");

  private final ImageShape shape;
  private final Picture picture;
  private final ElementType type;
  private final boolean channelsLast;
  private final boolean reversed;
  private final float[] factor;
  private final float[] offset;
  private final int mostImages;

  ImageStep(Step step) {
    List<Long> size = step.wholes("size");
    int channels = step.text("color").equals("gray") ? 1 : 3;
    this.shape = new ImageShape(channels, size.get(0).intValue(), size.get(1).intValue());
    Fit fit = step.text("fit").equals("crop") ? Fit.CROP : Fit.STRETCH;
    this.picture =
        new Picture(shape, fit)
            .withShortSide(step.whole("resize"))
            .withMaxPixels(step.whole("max_pixels"));
    this.type = step.text("datatype").equals("UINT8") ? ElementType.UINT8 : ElementType.FLOAT;
    this.channelsLast = step.text("layout").equals("nhwc");
    this.reversed = step.text("color").equals("bgr");
    this.factor = new float[channels];
    this.offset = new float[channels];
    double[] mean = step.reals("mean");
    double[] std = step.reals("std");
    for (int c = 0; c < channels; c++) {
      double divisor = at(std, c, 1);
      factor[c] = (float) (step.real("scale") / divisor);
      offset[c] = (float) (-at(mean, c, 0) / divisor);
    }
    this.mostImages = step.whole("max_images");
  }

  private static double at(double[] values, int channel, double none) {
    return values.length == 0 ? none : values[values.length == 1 ? 0 : channel];
  }

  @Override
  public boolean isLong() {
    return true;
  }

  @Override
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    List<Bytes> files = ByteStrings.of(inputs.get("image"));
    long numbers = (long) files.size() * shape.size();
    if (files.size() > mostImages || numbers > MOST_NUMBERS) {
      throw bad(
          files.size() + " images", "at most " + Math.min(mostImages, MOST_NUMBERS / shape.size()));
    }
    float[] pixels = new float[(int) numbers];
    for (int i = 0; i < files.size(); i++) {
      write(read(i, files.get(i)), pixels, i * shape.size());
    }
    return Map.of("pixels", tensor(pixels, dims(files.size())));
  }

  private long[] dims(long images) {
    return channelsLast
        ? new long[] {images, shape.height(), shape.width(), shape.channels()}
        : new long[] {images, shape.channels(), shape.height(), shape.width()};
  }

  private Tensor tensor(float[] pixels, long[] dims) {
    if (type == ElementType.FLOAT) {
      return Tensor.ofFloats(pixels, dims);
    }
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) pixels[i];
    }
    return Tensor.ofBytes(type, bytes, dims);
  }

  private float[] read(int place, Bytes file) {
    try {
      return picture.read(decoded(file.toArray()));
    } catch (Picture.Unreadable e) {
      throw new LatheException(ServeError.BAD_INPUT, "image " + place + ": " + e.getMessage(), e);
    }
  }

  /** No PNG or JPEG file begins as a text in Base64 does. */
  private static byte[] decoded(byte[] file) {
    boolean binary = file.length == 0 || file[0] == (byte) 0x89 || file[0] == (byte) 0xFF;
    if (binary) {
      return file;
    }
    String text = new String(file, StandardCharsets.ISO_8859_1);
    String base64 = DATA_URL.matcher(text.strip()).replaceFirst("");
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return file;
    }
  }

  /** Puts [C, H, W] in its place, as the settings want it. */
  private void write(float[] image, float[] into, int at) {
    int area = shape.height() * shape.width();
    for (int c = 0; c < shape.channels(); c++) {
      int from = (reversed ? shape.channels() - 1 - c : c) * area;
      for (int i = 0; i < area; i++) {
        int place = channelsLast ? i * shape.channels() + c : c * area + i;
        into[at + place] = image[from + i] * factor[c] + offset[c];
      }
    }
  }

  private static LatheException bad(String found, String expected) {
    return new LatheException(ServeError.BAD_INPUT, found + " (expected: " + expected + ")");
  }
}
