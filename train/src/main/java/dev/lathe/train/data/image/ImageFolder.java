package dev.lathe.train.data.image;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that has a folder for each class, with its images. Classes and files come in the order
 * of their names; names that begin with a dot are passed over.
 *
 * @param path the folder
 * @param labels names of the classes
 * @param images all images, class by class
 */
public record ImageFolder(Path path, List<String> labels, List<Image> images) {
  private static final int MAX_IMAGES = 1 << 24;
  private static final int MAX_CLASSES = 65_536;

  /**
   * A file.
   *
   * @param file its path
   * @param label the place of its class
   * @param place its place among all images of the folder
   */
  public record Image(Path file, int label, int place) {}

  /** Copies the lists. */
  public ImageFolder {
    labels = List.copyOf(labels);
    images = List.copyOf(images);
  }

  /**
   * Lists a folder; decodes nothing.
   *
   * @param folder the folder
   * @param known classes of the training; empty takes those that are there
   * @return its images
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if there are no images, or something else than
   *     folders of images, or a class that is not known; TOO_LARGE if there are too many
   */
  public static ImageFolder list(Path folder, List<String> known) {
    if (!Files.isDirectory(folder)) {
      throw new LatheException(
          TrainError.FILE_NOT_FOUND, "image folder " + folder + ": no such folder");
    }
    List<String> labels = new ArrayList<>(known);
    List<Image> images = new ArrayList<>();
    for (Path inside : inside(folder)) {
      String name = String.valueOf(inside.getFileName());
      if (!Files.isDirectory(inside)) {
        throw bad(inside + ": a file (expected: a folder of images for each class)");
      }
      if (known.isEmpty()) {
        labels.add(name);
      }
      int label = labels.indexOf(name);
      if (label < 0) {
        throw bad(
            inside
                + ": class \""
                + name
                + "\" is not among the training's (expected: "
                + String.join(", ", known.subList(0, Math.min(20, known.size())))
                + ")");
      }
      add(inside, label, images);
    }
    if (images.isEmpty()) {
      throw bad(folder + ": no images (expected: a folder of images for each class)");
    }
    if (labels.size() > MAX_CLASSES) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          folder + ": " + labels.size() + " classes (expected: at most " + MAX_CLASSES + ")");
    }
    return new ImageFolder(folder, labels, images);
  }

  private static void add(Path folder, int label, List<Image> images) {
    int before = images.size();
    for (Path file : inside(folder)) {
      if (!Files.isRegularFile(file)) {
        throw bad(file + ": no file (expected: images only)");
      }
      if (images.size() == MAX_IMAGES) {
        throw new LatheException(
            TrainError.TOO_LARGE, folder + ": more than " + MAX_IMAGES + " images");
      }
      images.add(new Image(file, label, images.size()));
    }
    if (images.size() == before) {
      throw bad(folder + ": no images of this class");
    }
  }

  private static List<Path> inside(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> !String.valueOf(path.getFileName()).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LatheException(
          TrainError.FILE_NOT_FOUND, "image folder " + folder + ": cannot be read", e);
    }
  }

  static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_DATA, message);
  }
}
