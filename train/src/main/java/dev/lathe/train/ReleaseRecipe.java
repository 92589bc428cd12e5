package dev.lathe.train;

import java.nio.file.Path;
import java.util.List;

/**
 * How a result is released.
 *
 * @param message the commit message; empty lets the registry word it
 * @param files files that lie beside the model in the release, by their own names: a chat template,
 *     a page about the model
 */
public record ReleaseRecipe(String message, List<Path> files) {
  /** A worded message, no files. */
  public static final ReleaseRecipe USUAL = new ReleaseRecipe("", List.of());

  /** The most files. */
  public static final int MOST_FILES = 16;

  /** Copies the list. */
  public ReleaseRecipe {
    files = List.copyOf(files);
  }
}
