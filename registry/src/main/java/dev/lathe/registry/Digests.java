package dev.lathe.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

/**
 * The SHA-256 of files, read once in the life of a process as long as a file stays as it is. All
 * names of one file are one file. For many threads.
 */
final class Digests {
  private static final int MOST = 4096;

  private final Cache<State, Sha256> known = new Cache<>(MOST);

  /** What tells that a file is the one that was read, where the system has such an identity. */
  private record State(Object identity, long size, FileTime modified) {}

  /** The SHA-256 of a file's bytes; follows no symbolic link. */
  Sha256 of(Path file) throws IOException {
    State before = state(file);
    Sha256 remembered = known.get(before).orElse(null);
    if (remembered != null) {
      return remembered;
    }
    Sha256 digest = BlobStore.digestOf(file);
    if (state(file).equals(before)) {
      known.put(before, digest);
    }
    return digest;
  }

  private static State state(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    Object identity = Objects.requireNonNullElse(attributes.fileKey(), file);
    return new State(identity, attributes.size(), attributes.lastModifiedTime());
  }
}
