package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.ServerError;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The version that a recipe trains further. Which one {@code namespace/name@prod} is, is decided
 * when a job first looks, and stays so in each further attempt.
 */
public final class TrainingBase {
  private static final String PINNED = "base";
  private static final int LONGEST = 256;

  private TrainingBase() {}

  /**
   * The model that a recipe's base is a version of.
   *
   * @param recipe the recipe
   * @return its name; empty if there is no base, or it is a file
   */
  public static Optional<ModelName> model(Recipe recipe) {
    return recipe.architecture() instanceof ArchitectureRecipe.Base base
            && !base.version().isEmpty()
        ? Optional.of(ModelName.parse(base.version().substring(0, base.version().lastIndexOf('@'))))
        : Optional.empty();
  }

  /**
   * A base with its files.
   *
   * @param recipe the recipe
   * @param run where the job keeps its state
   * @throws LatheException NOT_FOUND if there is no such version
   */
  static Optional<ArchitectureRecipe.Base> of(Recipe recipe, Registry registry, Path run) {
    return model(recipe)
        .map(
            model -> {
              String asked = ((ArchitectureRecipe.Base) recipe.architecture()).version();
              String wanted = asked.substring(asked.lastIndexOf('@') + 1);
              String version = pinned(run, () -> registry.show(model, wanted));
              return new ArchitectureRecipe.Base(
                  registry.materialize(model, version), model + "@" + version);
            });
  }

  private static String pinned(Path run, java.util.function.Supplier<VersionInfo> find) {
    Path file = run.resolve(PINNED);
    try {
      if (Files.isRegularFile(file) && Files.size(file) < LONGEST) {
        return Files.readString(file);
      }
      String version = find.get().version();
      Files.createDirectories(run);
      Files.writeString(file, version);
      return version;
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE, "job: cannot keep which version its base is", e);
    }
  }
}
