package dev.lathe.train.data.image;

import dev.lathe.prepare.ImageShape;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.data.Dice;
import java.util.Arrays;

/** Changes images, [C, H, W], as dice say. For one thread at a time. */
final class Augmenting {
  private static final float WHITE = 255;

  private final AugmentRecipe recipe;
  private final ImageShape shape;
  private final int height;
  private final int width;
  private final float[] before;

  Augmenting(AugmentRecipe recipe, ImageShape shape) {
    this.recipe = recipe;
    this.shape = shape;
    this.height = shape.height();
    this.width = shape.width();
    this.before = new float[shape.size()];
  }

  /** Changes an image in place. */
  void apply(float[] image, Dice dice) {
    if (recipe.isAffine()) {
      affine(image, dice);
    }
    if (recipe.crop() > 0 || recipe.flip() > 0) {
      move(image, dice);
    }
    if (recipe.brightness() > 0 || recipe.contrast() > 0) {
      light(image, dice);
    }
    if (recipe.cutout() > 0) {
      cut(image, dice);
    }
  }

  /** Takes each pixel from where the turned, moved and scaled image has it, linearly in between. */
  private void affine(float[] image, Dice dice) {
    double angle = Math.toRadians(dice.uniform(-1, 1) * recipe.rotate());
    double down = dice.uniform(-1, 1) * recipe.shift() * height;
    double right = dice.uniform(-1, 1) * recipe.shift() * width;
    double factor = 1 + dice.uniform(-1, 1) * recipe.scale();
    double cos = StrictMath.cos(angle) / factor;
    double sin = StrictMath.sin(angle) / factor;
    System.arraycopy(image, 0, before, 0, before.length);
    double middleY = (height - 1) / 2.0;
    double middleX = (width - 1) / 2.0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double offY = y - middleY - down;
        double offX = x - middleX - right;
        double fromY = middleY + cos * offY - sin * offX;
        double fromX = middleX + sin * offY + cos * offX;
        for (int c = 0; c < shape.channels(); c++) {
          image[(c * height + y) * width + x] = between(c, fromY, fromX);
        }
      }
    }
  }

  private float between(int channel, double y, double x) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    float low = (float) (y - top);
    float late = (float) (x - left);
    float upper = (1 - late) * pixel(channel, top, left) + late * pixel(channel, top, left + 1);
    float lower =
        (1 - late) * pixel(channel, top + 1, left) + late * pixel(channel, top + 1, left + 1);
    return (1 - low) * upper + low * lower;
  }

  private float pixel(int channel, int y, int x) {
    boolean inside = y >= 0 && y < height && x >= 0 && x < width;
    return inside ? before[(channel * height + y) * width + x] : 0;
  }

  private void move(float[] image, Dice dice) {
    int down = dice.below(2 * recipe.crop() + 1) - recipe.crop();
    int right = dice.below(2 * recipe.crop() + 1) - recipe.crop();
    boolean flipped = dice.uniform() < recipe.flip();
    System.arraycopy(image, 0, before, 0, before.length);
    for (int c = 0; c < shape.channels(); c++) {
      for (int y = 0; y < height; y++) {
        int at = (c * height + y) * width;
        for (int x = 0; x < width; x++) {
          int from = flipped ? width - 1 - x : x;
          image[at + x] = pixel(c, y - down, from - right);
        }
      }
    }
  }

  /** Stays between black and white, or within the image's own numbers where they go further. */
  private void light(float[] image, Dice dice) {
    float brightness = (float) (1 + dice.uniform(-1, 1) * recipe.brightness());
    float contrast = (float) (1 + dice.uniform(-1, 1) * recipe.contrast());
    double sum = 0;
    float least = 0;
    float most = WHITE;
    for (float value : image) {
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    float mean = brightness * (float) (sum / image.length);
    for (int i = 0; i < image.length; i++) {
      image[i] = Math.clamp(mean + (brightness * image[i] - mean) * contrast, least, most);
    }
  }

  private void cut(float[] image, Dice dice) {
    int top = dice.below(height) - recipe.cutout() / 2;
    int left = dice.below(width) - recipe.cutout() / 2;
    int from = Math.max(0, left);
    int to = Math.max(from, Math.min(width, left + recipe.cutout()));
    for (int c = 0; c < shape.channels(); c++) {
      for (int y = Math.max(0, top); y < Math.min(height, top + recipe.cutout()); y++) {
        int at = (c * height + y) * width;
        Arrays.fill(image, at + from, at + to, 0);
      }
    }
  }
}
