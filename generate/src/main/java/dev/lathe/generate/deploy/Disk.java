package dev.lathe.generate.deploy;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Files of the cache of forms; what goes wrong with them is one error. */
final class Disk {
  private Disk() {}

  /** Work on files. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  static <T> T attempt(String what, Work<T> work) {
    try {
      return work.run();
    } catch (IOException | UncheckedIOException e) {
      throw new LatheException(GenerateError.FILE, what + ": " + e.getMessage(), e);
    }
  }

  static MemorySegment read(Path file) {
    return attempt(
        "model " + file.getFileName(),
        () -> {
          try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
          }
        });
  }

  /** A new file of some size, mapped to be written. */
  static MemorySegment scratch(Path file, long bytes) {
    return attempt(
        "scratch file",
        () -> {
          try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
          }
        });
  }

  static void delete(Path folder) {
    attempt(
        "cache of forms",
        () -> {
          if (!Files.exists(folder)) {
            return 0;
          }
          for (Path path : walk(folder).descendingKeySet()) {
            Files.deleteIfExists(path);
          }
          return 0;
        });
  }

  /** The bytes of a folder's files; what another process takes away meanwhile counts nothing. */
  static long size(Path folder) {
    return attempt(
        "cache of forms", () -> walk(folder).values().stream().mapToLong(Long::longValue).sum());
  }

  /** When a folder was last taken; empty if it is gone. */
  static OptionalLong modified(Path folder) {
    return attempt(
        "cache of forms",
        () -> {
          try {
            return OptionalLong.of(Files.getLastModifiedTime(folder).toMillis());
          } catch (NoSuchFileException e) {
            return OptionalLong.empty();
          }
        });
  }

  /** What is in a folder, and the folder, with sizes; without what goes meanwhile. */
  private static NavigableMap<Path, Long> walk(Path folder) throws IOException {
    NavigableMap<Path, Long> found = new TreeMap<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            found.put(path, 0L);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            found.put(path, attributes.isRegularFile() ? attributes.size() : 0L);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            return unlessGone(e);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e)
              throws IOException {
            return unlessGone(e);
          }
        });
    return found;
  }

  private static FileVisitResult unlessGone(@Nullable IOException e) throws IOException {
    if (e == null || e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }
}
