package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A recipe as a person wrote it.
 *
 * @param yaml the text
 * @param baseDirectory where relative paths inside the recipe start. A server at another address
 *     has its own place for data and pays no heed to this directory
 * @param name what to call the text in errors, as the person knows it
 * @param isConfined whether the recipe may read what lies in its base directory and nothing else
 */
public record RecipeSource(String yaml, Path baseDirectory, String name, boolean isConfined) {
  /** What a recipe is called that has no name of its own. */
  static final String UNNAMED = "recipe";

  /**
   * A recipe without a name of its own.
   *
   * @param yaml the text
   * @param baseDirectory where relative paths inside the recipe start
   */
  public RecipeSource(String yaml, Path baseDirectory) {
    this(yaml, baseDirectory, UNNAMED, false);
  }

  /**
   * This recipe, as of someone who may read nothing outside the base directory.
   *
   * @return the same text
   */
  public RecipeSource confined() {
    return new RecipeSource(yaml, baseDirectory, name, true);
  }

  /**
   * A recipe in a file; its paths start from the file's own folder.
   *
   * @param file the recipe
   * @return the source
   * @throws LatheException BAD_RECIPE if the file is no text in UTF-8
   * @throws UncheckedIOException if the file cannot be read
   */
  public static RecipeSource read(Path file) {
    try {
      Path folder = file.toAbsolutePath().normalize().getParent();
      Path base = folder == null ? file.getRoot() : folder;
      return new RecipeSource(Files.readString(file), base, file.toString(), false);
    } catch (CharacterCodingException e) {
      throw new LatheException(
          ServerError.BAD_RECIPE, "recipe " + file + ": is no text in UTF-8", e);
    } catch (IOException e) {
      throw new UncheckedIOException("recipe " + file + " cannot be read", e);
    }
  }
}
