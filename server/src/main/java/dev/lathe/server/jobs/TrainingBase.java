package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The version that a recipe trains further. Which one {@code namespace/name@prod} is, is decided
 * when a job first looks, and stays so in each further attempt.
 */
public final class TrainingBase {
  static final String PINNED = "base";
  private static final int LONGEST = 256;
  private static final Pattern VERSION = Pattern.compile("v[1-9][0-9]*");

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
   * Refuses a caller who may not read a base: who trains a model further gets what it knows.
   *
   * @param base the model
   * @throws LatheException NOT_ALLOWED
   */
  public static void requireRead(ModelName base) {
    if (!Caller.current().may(Right.READ, base.toString())) {
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          Caller.current().name()
              + " may not read "
              + base
              + " (expected: a scope such as read:"
              + base
              + " to train it further)");
    }
  }

  /**
   * Refuses a caller who may not read the base of a job: going on with it gives the same.
   *
   * @param job the job's folder; one without a base passes
   * @throws LatheException NOT_ALLOWED; JOB_DAMAGED or JOB_STORAGE if it cannot be read
   */
  public static void requireRead(Path job) {
    JobFolder folder = new JobFolder(job);
    folder
        .read()
        .map(folder::recipe)
        .map(recipe -> Recipe.parse(recipe.yaml(), recipe.name(), recipe.baseDirectory()))
        .flatMap(TrainingBase::model)
        .ifPresent(TrainingBase::requireRead);
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
              ArchitectureRecipe.Base base = (ArchitectureRecipe.Base) recipe.architecture();
              String wanted = base.version().substring(base.version().lastIndexOf('@') + 1);
              String version = pinned(run, () -> registry.show(model, wanted));
              return base.at(registry.materialize(model, version), model + "@" + version);
            });
  }

  /** What is no version, as a disk that lost power may have it, is not there. */
  private static String pinned(Path run, Supplier<VersionInfo> find) {
    Path file = run.resolve(PINNED);
    try {
      if (Files.isRegularFile(file) && Files.size(file) < LONGEST) {
        String found = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (VERSION.matcher(found).matches()) {
          return found;
        }
      }
      String version = find.get().version();
      pin(file, version);
      return version;
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE, "job: cannot keep which version its base is", e);
    }
  }

  private static void pin(Path file, String version) throws IOException {
    Path beside = file.resolveSibling(PINNED + ".new");
    Files.createDirectories(file.getParent());
    Files.writeString(beside, version);
    try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
