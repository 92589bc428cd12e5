package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The one directory whose files a recipe from outside may name. Paths in such a recipe are relative
 * to it; whatever leads out of it, also by a symbolic link, is refused.
 *
 * @param path the directory
 */
public record DataRoot(Path path) {
  /**
   * Refuses files outside the directory.
   *
   * @param recipe a recipe whose relative paths start at this directory
   * @throws LatheException DATA_OUTSIDE if a path leads out of the directory
   */
  public void require(Recipe recipe) {
    paths(recipe.data()).stream().filter(file -> !file.toString().isEmpty()).forEach(this::require);
    if (recipe.architecture() instanceof ArchitectureRecipe.Base(Path file)) {
      require(file);
    }
  }

  private static List<Path> paths(DataRecipe data) {
    return switch (data) {
      case DataRecipe.Records records -> List.of(records.train(), records.test());
      case DataRecipe.Images images -> List.of(images.train(), images.test());
      case DataRecipe.Idx idx ->
          List.of(
              idx.train().images(), idx.train().labels(), idx.test().images(), idx.test().labels());
      case DataRecipe.Text text -> List.of(text.train(), text.test());
      case DataRecipe.Parallel parallel ->
          List.of(
              parallel.train().source(),
              parallel.train().target(),
              parallel.validation().source(),
              parallel.validation().target(),
              parallel.test().source(),
              parallel.test().target());
      case DataRecipe.LabelledTexts texts -> List.of(texts.train(), texts.test());
      case DataRecipe.Tagged tagged -> List.of(tagged.train(), tagged.test());
      case DataRecipe.DrawnDigits _ -> List.of();
      case DataRecipe.InMemory _ -> List.of();
    };
  }

  private void require(Path file) {
    Path root = path.toAbsolutePath().normalize();
    Path wanted = root.resolve(file).normalize();
    if (!wanted.startsWith(root) || leadsOut(root, wanted)) {
      throw new LatheException(
          ServerError.DATA_OUTSIDE,
          "data file \""
              + file.getFileName()
              + "\": lies outside the server's data folder (expected: a relative path to a file"
              + " below DATA/data, without links that lead out of it)");
    }
  }

  /** Whether links lead out. A file that is not there leads nowhere and is missed later. */
  private static boolean leadsOut(Path root, Path wanted) {
    try {
      return !wanted.toRealPath().startsWith(root.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }
}
