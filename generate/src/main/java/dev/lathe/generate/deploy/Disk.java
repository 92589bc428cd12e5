package dev.lathe.generate.deploy;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

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
          for (Path path : walk(folder).reversed()) {
            Files.deleteIfExists(path);
          }
          return 0;
        });
  }

  static long size(Path folder) {
    return attempt(
        "cache of forms",
        () -> {
          long bytes = 0;
          for (Path path : walk(folder)) {
            bytes += Files.isRegularFile(path) ? Files.size(path) : 0;
          }
          return bytes;
        });
  }

  private static List<Path> walk(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.sorted(Comparator.naturalOrder()).toList();
    }
  }
}
