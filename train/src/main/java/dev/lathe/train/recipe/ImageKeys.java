package dev.lathe.train.recipe;

import dev.lathe.prepare.Fit;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.DataRecipe.Images;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.ImageRecipe;
import dev.lathe.train.ImageRecipe.Corrupt;
import dev.lathe.train.Task;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Whole;
import java.nio.file.Path;
import java.util.List;

/** The keys of folders of images, and of what is done to images of any format. */
final class ImageKeys {
  private static final int MAX_SIDE = 4096;

  private ImageKeys() {}

  static List<Key> images() {
    return List.of(
        Key.required("train", RecipeForm.PATH, "A folder with a folder of images per class."),
        Key.optional("test", RecipeForm.PATH, "", "Such a folder for the test."),
        Key.optional(
            "fit",
            RecipeForm.names(Fit.values()),
            "crop",
            "How images of another shape are brought to it: their middle, or all of them."),
        Key.optional(
            "corrupt",
            RecipeForm.names(Corrupt.values()),
            "fail",
            "What happens to files that cannot be decoded; skip tells their number."),
        Key.optional(
            "window",
            new Whole(1, 1 << 20),
            (long) Images.WINDOW,
            "Mebibytes: more decoded images are not held but decoded anew in every epoch."));
  }

  static Key augment() {
    Form pixels = new Whole(0, MAX_SIDE);
    Form part = new Real(0, false, 0.9);
    return Key.optional(
        "augment",
        new Fields(
            List.of(
                Key.optional("flip", new Real(0, false, 1), 0.0, "Probability of a mirror image."),
                Key.optional("crop", pixels, 0L, "Pixels of a move by whole pixels, at most."),
                Key.optional("rotate", new Real(0, false, 180), 0.0, "Degrees of a turn, at most."),
                Key.optional("shift", part, 0.0, "Part of its sides of a move, at most."),
                Key.optional("scale", part, 0.0, "Part of its size of a change of it, at most."),
                Key.optional(
                    "brightness",
                    part,
                    0.0,
                    "Part of a change of all numbers, at most. They stay from 0 to 255, or in the"
                        + " image's own range where it is wider."),
                Key.optional("contrast", part, 0.0, "Part of a change of differences, at most."),
                Key.optional("cutout", pixels, 0L, "Side of a square that is made 0."))),
        "",
        "How training images are changed at random, by seed, epoch and place.");
  }

  static Images read(Values data, Path directory, Preparation preparation) {
    return new Images(
        data.path("train", directory),
        data.path("test", directory),
        new ImageRecipe(data.choice("fit", Fit.class), data.choice("corrupt", Corrupt.class)),
        data.small("window"),
        preparation);
  }

  static AugmentRecipe augment(Values augment) {
    return new AugmentRecipe(
        augment.real("flip"),
        augment.small("crop"),
        augment.real("rotate"),
        augment.real("shift"),
        augment.real("scale"),
        augment.real("brightness"),
        augment.real("contrast"),
        augment.small("cutout"));
  }

  static void check(Values data, Task task) {
    if (!data.text("format").equals("images")) {
      return;
    }
    if (task != Task.CLASSIFICATION && task != Task.BINARY) {
      throw data.bad(
          "format",
          "data.format: images does not fit task "
              + task.key()
              + " (expected: classification or binary, since a folder is a class)");
    }
    List<Integer> shape = data.smalls("shape");
    boolean fits =
        shape.size() == 3
            && (shape.getFirst() == 1 || shape.getFirst() == 3)
            && Math.max(shape.get(1), shape.get(2)) <= MAX_SIDE;
    if (!fits) {
      throw data.bad(
          "shape",
          "data.shape: "
              + shape
              + " (expected: [channels, height, width] with 1 or 3 channels and sides of at most "
              + MAX_SIDE
              + ", since data.format is images)");
    }
  }

  static void write(Images images, RecipeWriter writer) {
    writer.line("  format", "images");
    writer.path("  train", images.train());
    writer.path("  test", images.test());
    writer.line("  fit", images.images().fit().key());
    writer.line("  corrupt", images.images().corrupt().key());
    writer.line("  window", images.window());
  }

  static void write(AugmentRecipe augment, RecipeWriter writer) {
    if (augment.equals(AugmentRecipe.NONE)) {
      return;
    }
    writer.line("  augment", "");
    writer.line("    flip", augment.flip());
    writer.line("    crop", augment.crop());
    writer.line("    rotate", augment.rotate());
    writer.line("    shift", augment.shift());
    writer.line("    scale", augment.scale());
    writer.line("    brightness", augment.brightness());
    writer.line("    contrast", augment.contrast());
    writer.line("    cutout", augment.cutout());
  }
}
