package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes real files of a version, for a runtime to open or for a person to keep. */
final class Materialize {
  private final Layout layout;
  private final BlobStore blobs;
  private final RegistryOptions options;
  private final Digests digests = new Digests();

  Materialize(Layout layout, BlobStore blobs, RegistryOptions options) {
    this.layout = layout;
    this.blobs = blobs;
    this.options = options;
  }

  /** Where the version's shared folder is, if it is there and whole. */
  Optional<Path> ready(VersionInfo version) throws IOException {
    Path folder = layout.materialized(version);
    return isComplete(folder, version) && isWhole(folder, version)
        ? Optional.of(folder)
        : Optional.empty();
  }

  /**
   * Compares a version's blobs with what was published.
   *
   * @throws LatheException CORRUPT naming the first that differs
   */
  void requireWhole(ModelRepository repository, VersionInfo version) throws IOException {
    for (VersionFile file : version.files()) {
      if (file.storage() == VersionFile.Storage.LFS) {
        Path blob = requireBlob(repository, version, file);
        if (comparesDigests()) {
          requireDigest(version, file, digests.of(blob));
        }
      }
    }
  }

  /**
   * Builds the version's shared folder, out of sight, and gives it its place in one step. The
   * caller has found the blobs whole and holds the model's lock.
   */
  Path build(ModelRepository repository, VersionInfo version) throws IOException {
    Path folder = layout.materialized(version);
    Path draft = Files.createTempDirectory(layout.temporary(), "version");
    try {
      for (VersionFile file : version.files()) {
        link(repository, version, file, place(draft, file));
      }
      setAside(folder);
      Files.createDirectories(folder.getParent());
      Disk.moveDurably(draft, folder);
      return folder;
    } finally {
      Disk.deleteTree(draft);
    }
  }

  private static boolean isComplete(Path folder, VersionInfo version) {
    for (VersionFile file : version.files()) {
      Optional<Long> size = regularSize(folder.resolve(file.path()));
      if (size.isEmpty() || size.get() != file.size()) {
        return false;
      }
    }
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean isWhole(Path folder, VersionInfo version) throws IOException {
    for (VersionFile file : version.files()) {
      boolean compared = comparesDigests() && file.storage() == VersionFile.Storage.LFS;
      if (compared && !digests.of(folder.resolve(file.path())).hex().equals(file.digest())) {
        return false;
      }
    }
    return true;
  }

  private boolean comparesDigests() {
    return options.verification() == RegistryOptions.Verification.DIGEST;
  }

  private static Optional<Long> regularSize(Path file) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? Optional.of(attributes.size()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Takes a folder that is not what it should be out of the way, in one step. */
  private void setAside(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path aside = Files.createTempDirectory(layout.temporary(), "aside").resolve("old");
      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
      Disk.deleteTree(aside.getParent());
    }
  }

  private void link(ModelRepository repository, VersionInfo version, VersionFile file, Path target)
      throws IOException {
    switch (file.storage()) {
      case GIT -> {
        Disk.write(target, repository.bytes(file));
        Disk.makeReadOnly(target);
      }
      case LFS -> blobs.linkOrCopy(requireBlob(repository, version, file), target);
    }
  }

  /** The caller's own copies; every digest is compared. */
  void checkout(ModelRepository repository, VersionInfo version, Path directory)
      throws IOException {
    requireEmpty(directory);
    Files.createDirectories(directory);
    for (VersionFile file : version.files()) {
      Path target = place(directory, file);
      switch (file.storage()) {
        case GIT -> Files.write(target, repository.bytes(file));
        case LFS -> {
          // The stream keeps the blob's read-only mode from being copied along.
          try (var out = Files.newOutputStream(target)) {
            Files.copy(requireBlob(repository, version, file), out);
          }
          requireDigest(version, file, BlobStore.digestOf(target));
        }
      }
    }
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new LatheException(
          RegistryError.NOT_EMPTY, directory + ": is a file (expected: an empty folder)");
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        throw new LatheException(
            RegistryError.NOT_EMPTY, directory + ": is not empty (expected: an empty folder)");
      }
    }
  }

  /** Where a file goes; its path was checked when the version was read. */
  private static Path place(Path folder, VersionFile file) throws IOException {
    Path target = folder.resolve(file.path()).normalize();
    if (!target.startsWith(folder)) {
      throw new LatheException(RegistryError.BAD_PATH, "path " + Names.quote(file.path()));
    }
    Files.createDirectories(target.getParent());
    return target;
  }

  private static Path requireBlob(
      ModelRepository repository, VersionInfo version, VersionFile file) {
    Links links = Links.of(repository.folder());
    Sha256 digest = Sha256.parse(file.digest());
    Optional<Long> size = links.size(digest);
    if (size.isEmpty() || size.get() != file.size()) {
      throw new LatheException(
          RegistryError.CORRUPT,
          where(version, file)
              + ": blob "
              + digest
              + size.map(found -> " of " + found + " bytes").orElse(" is missing")
              + " (expected: "
              + file.size()
              + " bytes)");
    }
    return links.find(digest).orElseThrow();
  }

  private static void requireDigest(VersionInfo version, VersionFile file, Sha256 found) {
    if (!found.hex().equals(file.digest())) {
      throw new LatheException(
          RegistryError.CORRUPT,
          where(version, file) + ": SHA-256 " + found + " (expected: " + file.digest() + ")");
    }
  }

  private static String where(VersionInfo version, VersionFile file) {
    return version.model() + "@" + version.version() + ", file " + file.path();
  }
}
