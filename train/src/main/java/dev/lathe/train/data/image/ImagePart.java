package dev.lathe.train.data.image;

import dev.lathe.ir.ElementType;
import dev.lathe.prepare.ImageShape;
import dev.lathe.train.ImageRecipe;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Part;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/** Images that are read from their files each time: numbers of 0 to 255 and the class. */
public final class ImagePart implements Part {
  private static final long SHUFFLE = 2;
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final List<ImageFolder.Image> images;
  private final ImageShape shape;
  private final ImageRecipe recipe;
  private final List<Column> columns;

  /**
   * A part of a folder.
   *
   * @param images the images
   * @param shape what they are brought to
   * @param recipe how
   * @param columns the features, of as many numbers, and the target, INT64 or FLOAT
   */
  public ImagePart(
      List<ImageFolder.Image> images, ImageShape shape, ImageRecipe recipe, List<Column> columns) {
    this.images = List.copyOf(images);
    this.shape = shape;
    this.recipe = recipe;
    this.columns = List.copyOf(columns);
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public Cursor inOrder() {
    return new Files(IntStream.range(0, images.size()).toArray());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    return new Files(new Dice(seed, SHUFFLE, epoch).permutation(images.size()));
  }

  @Override
  public boolean isInMemory() {
    return false;
  }

  /** The images in an order, those that come next being decoded meanwhile. */
  private final class Files implements Cursor {
    private final int[] order;
    private final Decoding decoding = new Decoding(shape, recipe);
    private int begun;
    private int at;

    Files(int[] order) {
      this.order = order;
    }

    @Override
    public boolean next(List<MemorySegment> into, int place) {
      if (at == order.length) {
        return false;
      }
      begin();
      ImageFolder.Image image = images.get(order[at++]);
      Decoding.Decoded decoded = decoding.next();
      if (decoded.isCorrupt()) {
        throw ImageFolder.bad(
            image.file() + ": cannot be decoded any more (has the file changed?)");
      }
      float[] pixels = decoded.pixels();
      long bytes = (long) pixels.length * Float.BYTES;
      MemorySegment.copy(pixels, 0, into.getFirst(), FLOAT, place * bytes, pixels.length);
      MemorySegment target = into.getLast();
      if (columns.getLast().type() == ElementType.INT64) {
        target.set(LONG, 8L * place, image.label());
      } else {
        target.set(FLOAT, 4L * place, image.label());
      }
      return true;
    }

    private void begin() {
      while (begun < order.length && decoding.hasRoom()) {
        decoding.begin(images.get(order[begun++]).file());
      }
    }

    @Override
    public void skip(long count) {
      long left = count;
      for (; left > 0 && at < begun; left--) {
        at++;
        decoding.next();
      }
      at = (int) Math.min(order.length, at + left);
      begun = Math.max(begun, at);
    }

    @Override
    public void close() {
      decoding.close();
    }
  }
}
