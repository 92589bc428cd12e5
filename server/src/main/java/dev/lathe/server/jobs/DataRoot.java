package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
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
    List<Path> named =
        paths(recipe.data()).stream().filter(file -> !file.toString().isEmpty()).toList();
    named.forEach(this::require);
    recipe.release().files().forEach(this::require);
    if (recipe.data() instanceof DataRecipe.Images) {
      named.stream().filter(Files::isDirectory).forEach(folder -> requireLinks(folder, 2));
    }
    if (recipe.architecture() instanceof ArchitectureRecipe.Base base && base.version().isEmpty()) {
      require(base.file());
      // What lies in a folder, or beside a file, goes into the release: no link may lead out.
      require(base.model());
      base.beside().values().forEach(this::require);
    }
  }

  private static List<Path> paths(DataRecipe data) {
    return switch (data) {
      case DataRecipe.Records records ->
          List.of(records.train(), records.validationFile(), records.test());
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
      case DataRecipe.Questions questions -> List.of(questions.train(), questions.test());
      case DataRecipe.Tagged tagged -> List.of(tagged.train(), tagged.test());
      case DataRecipe.Conversations chats ->
          List.of(chats.train(), chats.validationFile(), chats.test());
      case DataRecipe.DrawnDigits _ -> List.of();
      case DataRecipe.InMemory _ -> List.of();
    };
  }

  /**
   * An image folder's files, class by class, may be links as well. What is no link lies where its
   * folder does.
   */
  private void requireLinks(Path folder, int depth) {
    try (DirectoryStream<Path> inside = Files.newDirectoryStream(folder)) {
      for (Path entry : inside) {
        if (Files.isSymbolicLink(entry)) {
          require(entry);
        }
        if (depth > 1 && Files.isDirectory(entry)) {
          requireLinks(entry, depth - 1);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new LatheException(
          ServerError.DATA_OUTSIDE,
          "data folder \"" + folder.getFileName() + "\": cannot be read",
          e);
    }
  }

  private void require(Path file) {
    Path root = path.toAbsolutePath();
    Path wanted = file.toAbsolutePath();
    if (!wanted.normalize().startsWith(root.normalize()) || leadsOut(root, wanted)) {
      throw new LatheException(
          ServerError.DATA_OUTSIDE,
          "data file \""
              + file.getFileName()
              + "\": lies outside the server's data folder (expected: a relative path to a file"
              + " below DATA/data, without links that lead out of it)");
    }
  }

  /**
   * Whether links lead out. The path is followed as the system does, ".." after a link included; of
   * a file that is not there, as far as there is something.
   */
  private static boolean leadsOut(Path root, Path wanted) {
    for (Path there = wanted; there != null; there = there.getParent()) {
      try {
        return !there.toRealPath().startsWith(root.toRealPath());
      } catch (IOException e) {
        // Not there: perhaps what it would lie in.
      }
    }
    return false;
  }
}
