package dev.lathe.checks.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The project's own files, wherever the test is started from. */
final class Sources {
  private static final Set<String> NOT_OURS =
      Set.of("target", ".git", "lathe-data", ".idea", ".vscode", "node_modules");

  /** The folder with the launcher and the parent pom. */
  static final Path ROOT = root();

  private Sources() {}

  static List<Path> all() {
    try (Stream<Path> walk = Files.walk(ROOT)) {
      return walk.filter(Files::isRegularFile).filter(Sources::isOurs).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Path> java() {
    return all().stream().filter(file -> file.toString().endsWith(".java")).toList();
  }

  static List<Path> mainJava() {
    return java().stream().filter(file -> name(file).contains("/src/main/java/")).toList();
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The path from the root, with slashes. */
  static String name(Path file) {
    return ROOT.relativize(file).toString().replace('\\', '/');
  }

  /** The Maven module that a file belongs to. */
  static String room(Path file) {
    return ROOT.relativize(file).getName(0).toString();
  }

  private static boolean isOurs(Path file) {
    for (Path part : ROOT.relativize(file)) {
      if (NOT_OURS.contains(part.toString())) {
        return false;
      }
    }
    return true;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no ARCHITECTURE.md above the working directory");
      }
    }
    return folder;
  }
}
