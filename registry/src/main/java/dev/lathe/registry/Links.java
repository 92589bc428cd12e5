package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * The blobs that one repository may serve, because it received their bytes. They are second names
 * of blobs in the store, laid out as Git LFS lays out its own store in a repository, so that Git
 * LFS can also read them by path.
 *
 * @param folder the repository's {@code lfs/objects}
 */
record Links(Path folder) {
  static Links of(Path repository) {
    return new Links(Layout.links(repository));
  }

  /** A blob's file; empty if the repository did not receive it. Symbolic links are nothing. */
  Optional<Path> find(Sha256 digest) {
    Path file = BlobStore.locate(folder, digest);
    boolean real =
        isFolder(file.getParent().getParent())
            && isFolder(file.getParent())
            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    return real ? Optional.of(file) : Optional.empty();
  }

  private static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** A blob's size in bytes; empty if the repository did not receive it. */
  Optional<Long> size(Sha256 digest) {
    return find(digest).flatMap(Links::sizeOf);
  }

  private static Optional<Long> sizeOf(Path file) {
    try {
      return Optional.of(
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw Disk.error("reading " + file, e);
    }
  }

  /**
   * Opens a blob.
   *
   * @throws LatheException UNKNOWN_OBJECT if the repository did not receive it
   */
  Blob open(Sha256 digest) {
    Path file =
        find(digest)
            .orElseThrow(
                () ->
                    new LatheException(
                        RegistryError.UNKNOWN_OBJECT, "object " + digest + ": not in this model"));
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      return Blob.of(digest, channel);
    } catch (IOException e) {
      throw Disk.error("opening object " + digest, e);
    }
  }
}
