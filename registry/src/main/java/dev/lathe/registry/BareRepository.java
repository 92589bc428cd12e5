package dev.lathe.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model's repository as a folder: what an empty one consists of, and what a killed process leaves
 * in one.
 *
 * @see <a href="https://git-scm.com/docs/gitrepository-layout">gitrepository-layout</a>
 */
final class BareRepository {
  /** The refs that are versions' tags. */
  static final String TAGS = "refs/tags/";

  /** The branch that versions are on. */
  static final String MAIN = "refs/heads/main";

  /** The branches that are environments. */
  static final String ENVIRONMENTS = "refs/heads/env/";

  private static final int DEEPEST_REF = 8;

  /** Versions and histories are not rewritten by whoever reaches the folder with Git. */
  private static final String CONFIG =
      """
      [core]
      \trepositoryformatversion = 0
      \tfilemode = true
      \tbare = true
      \tlogallrefupdates = false
      [receive]
      \tdenyNonFastForwards = true
      \tdenyDeletes = true
      \tautogc = false
      [uploadpack]
      \tallowFilter = true
      """;

  private BareRepository() {}

  /** Makes an empty repository whose default branch is {@code main}. */
  static void create(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    Files.createDirectory(folder);
    for (String part : List.of("objects/info", "objects/pack", "refs/heads", "refs/tags")) {
      Files.createDirectories(folder.resolve(part));
    }
    Disk.write(folder.resolve("config"), CONFIG.getBytes(StandardCharsets.UTF_8));
    Disk.write(folder.resolve("HEAD"), "ref: refs/heads/main\n".getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Removes what a process left that was killed while it changed the repository. Only for the
   * holder of the repository's lock, who knows that nobody else is changing it.
   */
  static void removeLeftovers(Path folder) throws IOException {
    for (Path file : leftovers(folder)) {
      Files.deleteIfExists(file);
    }
  }

  private static List<Path> leftovers(Path folder) throws IOException {
    try (Stream<Path> top = Files.list(folder);
        Stream<Path> refs = Files.walk(folder.resolve("refs"), DEEPEST_REF);
        Stream<Path> objects = Files.list(folder.resolve("objects"))) {
      return Stream.concat(
              Stream.concat(top, refs).filter(file -> nameOf(file).endsWith(".lock")),
              objects.filter(BareRepository::isUnfinishedObject))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  private static boolean isUnfinishedObject(Path file) {
    String name = nameOf(file);
    return name.startsWith("noz") && name.endsWith(".tmp");
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString();
  }
}
