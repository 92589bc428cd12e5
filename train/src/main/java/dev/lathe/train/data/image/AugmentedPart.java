package dev.lathe.train.data.image;

import dev.lathe.ir.Tensor;
import dev.lathe.prepare.ImageShape;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.Normalization;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Normalizer;
import dev.lathe.train.data.Part;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Raw images of another part: changed at random where they are shuffled, and normalized. What is
 * drawn for an image depends on the seed, the epoch and its place in the epoch.
 */
public final class AugmentedPart implements Part {
  private static final long AUGMENT = 4;
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Part raw;
  private final ImageShape shape;
  private final AugmentRecipe recipe;
  private final Normalizer normalizer;

  /**
   * Wraps a part.
   *
   * @param raw images as they were read
   * @param shape their shape; the part's own may name as many numbers otherwise
   * @param recipe how they are changed
   * @param normalizer what is done to them in the end
   */
  public AugmentedPart(Part raw, ImageShape shape, AugmentRecipe recipe, Normalizer normalizer) {
    this.raw = raw;
    this.shape = shape;
    this.recipe = recipe;
    this.normalizer = normalizer;
  }

  @Override
  public int size() {
    return raw.size();
  }

  @Override
  public List<Column> columns() {
    return raw.columns();
  }

  @Override
  public Cursor inOrder() {
    return new Changed(raw.inOrder(), AugmentRecipe.NONE, 0, 0);
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    return new Changed(raw.shuffled(seed, epoch), recipe, seed, epoch);
  }

  @Override
  public boolean isInMemory() {
    return false;
  }

  private final class Changed implements Cursor {
    private final Cursor images;
    private final Augmenting augmenting;
    private final long seed;
    private final long epoch;
    private final float[] image = new float[shape.size()];
    private final float[] mean = spread(normalizer.mean());
    private final float[] std = spread(normalizer.std());
    private long at;

    Changed(Cursor images, AugmentRecipe how, long seed, long epoch) {
      this.images = images;
      this.augmenting = new Augmenting(how, shape);
      this.seed = seed;
      this.epoch = epoch;
    }

    private float[] spread(Tensor constant) {
      float[] given = constant.toFloats();
      float[] all = new float[image.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = given[i % given.length];
      }
      return all;
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (!images.next(columns, place)) {
        return false;
      }
      MemorySegment features = columns.getFirst();
      long from = (long) place * image.length * Float.BYTES;
      MemorySegment.copy(features, FLOAT, from, image, 0, image.length);
      augmenting.apply(image, new Dice(seed, AUGMENT, epoch, at++));
      if (normalizer.kind() != Normalization.NONE) {
        for (int i = 0; i < image.length; i++) {
          image[i] = (image[i] - mean[i]) / std[i];
        }
      }
      MemorySegment.copy(image, 0, features, FLOAT, from, image.length);
      return true;
    }

    @Override
    public void skip(long count) {
      at += count;
      images.skip(count);
    }

    @Override
    public void close() {
      images.close();
    }
  }
}
