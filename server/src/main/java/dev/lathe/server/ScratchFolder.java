package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder for files on their way, removed with all that is in it.
 *
 * @param path the folder
 */
record ScratchFolder(Path path) implements AutoCloseable {
  static ScratchFolder below(Path data) {
    try {
      Path parent = Files.createDirectories(data.resolve("tmp"));
      return new ScratchFolder(Files.createTempDirectory(parent, "train-"));
    } catch (IOException e) {
      throw new LatheException(
          ServerError.JOB_STORAGE,
          "no folder can be made below " + data + ": " + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> innerFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : innerFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.getLogger(ScratchFolder.class.getName())
          .log(System.Logger.Level.WARNING, "left behind: " + path, e);
    }
  }
}
