package dev.lathe.train.data.image;

import dev.lathe.ir.Tensor;
import dev.lathe.prepare.ImageShape;
import dev.lathe.train.Dataset;
import dev.lathe.train.ImageRecipe;
import dev.lathe.train.data.Digest;
import dev.lathe.train.data.FloatList;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder whose images were all read once: which can be used, and the digest of all.
 *
 * @param source what to call it
 * @param labels names of the classes
 * @param images those that can be used
 * @param corrupt how many cannot
 * @param sha256 digest of all names and files
 */
public record ImageScan(
    String source,
    List<String> labels,
    List<ImageFolder.Image> images,
    int corrupt,
    String sha256) {
  /** Copies the lists. */
  public ImageScan {
    labels = List.copyOf(labels);
    images = List.copyOf(images);
  }

  /** What is done with each image that can be used. */
  @FunctionalInterface
  public interface Look {
    /**
     * Takes an image.
     *
     * @param image the image
     * @param pixels numbers of 0 to 255, [C, H, W]
     */
    void at(ImageFolder.Image image, float[] pixels);
  }

  /**
   * Reads all images.
   *
   * @param folder the folder
   * @param shape what they are brought to
   * @param recipe how
   * @param look what is done with each
   * @return what was found
   * @throws dev.lathe.ir.LatheException BAD_DATA naming the file if one is corrupt and the recipe
   *     says fail, or if all are
   */
  public static ImageScan of(ImageFolder folder, ImageShape shape, ImageRecipe recipe, Look look) {
    List<ImageFolder.Image> images = new ArrayList<>();
    Digest digest = new Digest();
    int begun = 0;
    try (Decoding decoding = new Decoding(shape, recipe)) {
      for (ImageFolder.Image image : folder.images()) {
        while (begun < folder.images().size() && decoding.hasRoom()) {
          decoding.begin(folder.images().get(begun++).file());
        }
        Decoding.Decoded decoded = decoding.next();
        digest.add(folder.path().relativize(image.file()).toString().replace('\\', '/'));
        digest.add(decoded.sha256());
        if (!decoded.isCorrupt()) {
          look.at(image, decoded.pixels());
          images.add(image);
        }
      }
    }
    if (images.isEmpty()) {
      throw ImageFolder.bad(folder.path() + ": not one of its images can be decoded");
    }
    int corrupt = folder.images().size() - images.size();
    String name = String.valueOf(folder.path().getFileName());
    String source = corrupt == 0 ? name : name + " without " + corrupt + " corrupt images";
    return new ImageScan(source, folder.labels(), images, corrupt, digest.hex());
  }

  /**
   * Reads all images and holds them.
   *
   * @param folder the folder
   * @param shape what they are brought to
   * @param recipe how
   * @return features FLOAT [N, C, H, W] of 0 to 255, targets INT64 [N]
   * @throws dev.lathe.ir.LatheException as {@link #of}
   */
  public static Dataset held(ImageFolder folder, ImageShape shape, ImageRecipe recipe) {
    FloatList features = new FloatList();
    ImageScan scan = of(folder, shape, recipe, (_, pixels) -> features.addAll(pixels));
    int count = scan.images().size();
    long[] classes = scan.images().stream().mapToLong(ImageFolder.Image::label).toArray();
    return new Dataset(
        features.toTensor(count, shape.channels(), shape.height(), shape.width()),
        Tensor.ofLongs(classes, count),
        scan.labels(),
        scan.source(),
        scan.sha256(),
        scan.corrupt());
  }
}
