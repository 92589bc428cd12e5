package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * Large files by their SHA-256, each once: {@code <root>/ab/cd/<sha256>}. A blob appears whole or
 * not at all, and is never written again.
 */
final class BlobStore {
  private static final int BUFFER = 1 << 18;

  private final Path root;
  private final Path temporary;
  private final RegistryOptions options;

  /**
   * A store.
   *
   * @param root where blobs are
   * @param temporary where they are while they come in; on the same file system
   * @param options sizes
   */
  BlobStore(Path root, Path temporary, RegistryOptions options) {
    this.root = root;
    this.temporary = temporary;
    this.options = options;
  }

  /** Where a blob is, in a folder that is laid out as this store and as Git LFS's own is. */
  static Path locate(Path root, Sha256 digest) {
    String hex = digest.hex();
    return root.resolve(hex.substring(0, 2)).resolve(hex.substring(2, 4)).resolve(hex);
  }

  /**
   * Takes a file in: hashes it while it is copied, waits until it is on the disk, then gives it its
   * name.
   *
   * @param what the file's name, for messages
   * @param content its content
   * @return its digest and size
   * @throws LatheException TOO_LARGE, STORAGE_FULL or STORAGE_FAILED; then the store is as before
   */
  LfsPointer put(String what, Content content) {
    try {
      requireRoom(what, sizeOf(content));
      Path file = Files.createTempFile(temporary, "blob", "");
      try {
        LfsPointer pointer = copy(what, content, file);
        keep(pointer, file);
        return pointer;
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw Disk.error("storing " + what, e);
    }
  }

  private static long sizeOf(Content content) throws IOException {
    return switch (content) {
      case Content.OfFile(Path path) -> Files.size(path);
      case Content.OfBytes(byte[] bytes) -> bytes.length;
    };
  }

  private void requireRoom(String what, long size) throws IOException {
    if (size > options.largestBlob()) {
      throw tooLarge(what, size);
    }
    long free = Files.getFileStore(temporary).getUsableSpace();
    if (free < size || free - size < options.freeBytes()) {
      throw new LatheException(
          RegistryError.STORAGE_FULL,
          "storing "
              + what
              + ": "
              + size
              + " bytes, of which the disk has "
              + free
              + " (expected: "
              + options.freeBytes()
              + " left free afterwards); nothing was changed");
    }
  }

  private LatheException tooLarge(String what, long size) {
    return new LatheException(
        RegistryError.TOO_LARGE,
        what + ": " + size + " bytes (expected: at most " + options.largestBlob() + ")");
  }

  private LfsPointer copy(String what, Content content, Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    long size = 0;
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = open(content);
        FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        size += n;
        if (size > options.largestBlob()) {
          throw tooLarge(what, size);
        }
        digest.update(buffer, 0, n);
        ByteBuffer chunk = ByteBuffer.wrap(buffer, 0, n);
        while (chunk.hasRemaining()) {
          out.write(chunk);
        }
      }
      out.force(true);
    }
    return new LfsPointer(Sha256.finish(digest), size);
  }

  private static InputStream open(Content content) throws IOException {
    return switch (content) {
      case Content.OfFile(Path path) -> Files.newInputStream(path);
      case Content.OfBytes(byte[] bytes) -> new ByteArrayInputStream(bytes);
    };
  }

  /** Gives a finished file its name, unless a file has it already: that one has the same bytes. */
  private void keep(LfsPointer pointer, Path file) throws IOException {
    Path blob = locate(root, pointer.digest());
    if (isWhole(blob, pointer.size())) {
      return;
    }
    Disk.makeReadOnly(file);
    Files.createDirectories(blob.getParent());
    Disk.moveDurably(file, blob);
  }

  private static boolean isWhole(Path blob, long size) throws IOException {
    return Files.isRegularFile(blob, LinkOption.NOFOLLOW_LINKS) && Files.size(blob) == size;
  }

  /**
   * Puts a blob into another folder of the same layout: as a second name of the same bytes, or as a
   * copy where the file system has no such names.
   *
   * @param pointer a blob of this store
   * @param folder the other folder
   */
  void link(LfsPointer pointer, Path folder) throws IOException {
    Path link = locate(folder, pointer.digest());
    if (isWhole(link, pointer.size())) {
      return;
    }
    Files.createDirectories(link.getParent());
    Files.deleteIfExists(link);
    linkOrCopy(locate(root, pointer.digest()), link);
    Disk.syncFolder(link.getParent());
  }

  /** Gives a file a second name, or copies it where that cannot be. */
  void linkOrCopy(Path file, Path link) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (UnsupportedOperationException | IOException e) {
      Path copy = Files.createTempFile(temporary, "copy", "");
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      Disk.makeReadOnly(copy);
      Disk.moveDurably(copy, link);
    }
  }

  /** The SHA-256 of a file's bytes. */
  static Sha256 digestOf(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Sha256.finish(digest);
  }
}
