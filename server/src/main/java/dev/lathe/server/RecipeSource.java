package dev.lathe.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A recipe as a person wrote it.
 *
 * @param yaml the text
 * @param baseDirectory where relative paths inside the recipe start. A server at another address
 *     has its own place for data and pays no heed to this directory
 */
public record RecipeSource(String yaml, Path baseDirectory) {
  /**
   * A recipe in a file; its paths start from the file's own folder.
   *
   * @param file the recipe
   * @return the source
   * @throws UncheckedIOException if the file cannot be read
   */
  public static RecipeSource read(Path file) {
    try {
      Path folder = file.toAbsolutePath().normalize().getParent();
      return new RecipeSource(Files.readString(file), folder == null ? file.getRoot() : folder);
    } catch (IOException e) {
      throw new UncheckedIOException("recipe " + file + " cannot be read", e);
    }
  }
}
