package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.nio.file.Files;
import java.nio.file.Path;

/** What data is read from: a file that can be read again and has an end, no folder or device. */
public final class RegularFile {
  private RegularFile() {}

  /**
   * Refuses everything else.
   *
   * @param file a data file
   * @throws LatheException FILE_NOT_FOUND if there is nothing, or no regular file
   */
  public static void require(Path file) {
    if (!Files.isRegularFile(file)) {
      String found =
          Files.exists(file) ? "no regular file (expected: a file of data)" : "no such file";
      throw new LatheException(TrainError.FILE_NOT_FOUND, "data file " + file + ": " + found);
    }
  }
}
