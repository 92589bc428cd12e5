package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where things are under a registry's root.
 *
 * @param root the root's real path
 */
record Layout(Path root) {
  private static final String SUFFIX = ".git";

  static Layout create(Path root) throws IOException {
    Files.createDirectories(root);
    Layout layout = new Layout(root.toRealPath());
    for (Path folder :
        new Path[] {
          layout.repositories(),
          layout.blobs(),
          layout.temporary(),
          layout.locks(),
          layout.materialized()
        }) {
      Files.createDirectories(folder);
    }
    return layout;
  }

  /** Bare repositories: {@code <namespace>/<name>.git}. */
  Path repositories() {
    return root.resolve("git");
  }

  Path repository(ModelName model) {
    return repositories().resolve(model.namespace()).resolve(model.name() + SUFFIX);
  }

  /** All models that have a repository, sorted; folders of other names or kinds are passed over. */
  List<ModelName> models() throws IOException {
    try (Stream<Path> folders = Files.find(repositories(), 2, Layout::isRepository)) {
      return folders.map(Layout::modelOf).flatMap(Optional::stream).sorted().toList();
    }
  }

  private static boolean isRepository(Path folder, BasicFileAttributes attributes) {
    return attributes.isDirectory()
        && folder.getFileName().toString().endsWith(SUFFIX)
        && Files.isRegularFile(folder.resolve("HEAD"));
  }

  private static Optional<ModelName> modelOf(Path folder) {
    String name = folder.getFileName().toString();
    try {
      return Optional.of(
          new ModelName(
              folder.getParent().getFileName().toString(),
              name.substring(0, name.length() - SUFFIX.length())));
    } catch (LatheException e) {
      return Optional.empty();
    }
  }

  /** Blobs: {@code ab/cd/<sha256>}. */
  Path blobs() {
    return root.resolve("blobs");
  }

  /** Things in the making, on the same file system as all the others. */
  Path temporary() {
    return root.resolve("tmp");
  }

  Path locks() {
    return root.resolve("locks");
  }

  /** A file that says who may change a model. No part of a name has a plus. */
  Path lock(ModelName model) {
    return locks().resolve(model.namespace() + "+" + model.name());
  }

  /** A model's repository before it has its first version. */
  Path unborn(ModelName model) {
    return temporary().resolve(model.namespace() + "+" + model.name() + SUFFIX);
  }

  /** Folders with versions' real files. */
  Path materialized() {
    return root.resolve("versions");
  }

  Path materialized(VersionInfo version) {
    ModelName model = version.model();
    return materialized()
        .resolve(model.namespace())
        .resolve(model.name())
        .resolve(version.commit());
  }

  /** What a repository may serve, laid out as Git LFS lays out its own store. */
  static Path links(Path repository) {
    return repository.resolve("lfs").resolve("objects");
  }
}
