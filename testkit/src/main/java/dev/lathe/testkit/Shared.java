package dev.lathe.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.opentest4j.TestAbortedException;

/**
 * The reference data that lies beside the project: found in {@code shared} next to any folder above
 * the working directory, or where the system property {@code lathe.shared} says.
 */
public final class Shared {
  private Shared() {}

  /**
   * A file or folder of the reference data; the calling test is skipped where it is absent.
   *
   * @param relative its path below {@code shared}, such as {@code fixtures/training}
   * @return the absolute path
   */
  public static Path path(String relative) {
    return root()
        .map(root -> root.resolve(relative))
        .filter(Files::exists)
        .orElseThrow(
            () ->
                new TestAbortedException(
                    "skipped: shared/" + relative + " is not here (set -Dlathe.shared=DIR)"));
  }

  private static Optional<Path> root() {
    String told = System.getProperty("lathe.shared", "");
    if (!told.isEmpty()) {
      return Optional.of(Path.of(told).toAbsolutePath());
    }
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path candidate = folder.resolve("shared");
      if (Files.isDirectory(candidate.resolve("fixtures"))) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}
