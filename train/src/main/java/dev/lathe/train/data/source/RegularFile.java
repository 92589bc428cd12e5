package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

  /**
   * Refuses everything else, and what is larger.
   *
   * @param file a data file
   * @param most bytes
   * @throws LatheException FILE_NOT_FOUND as {@link #require(Path)}, TOO_LARGE
   */
  public static void require(Path file, long most) {
    require(file);
    try {
      long size = Files.size(file);
      if (size > most) {
        throw new LatheException(
            TrainError.TOO_LARGE, file + ": " + size + " bytes (expected: at most " + most + ")");
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Says why a file of text cannot be read.
   *
   * @param file the file
   * @param cause what happened
   * @return FILE_NOT_FOUND, or BAD_DATA if it is not UTF-8
   */
  public static LatheException unreadable(Path file, IOException cause) {
    return switch (cause) {
      case NoSuchFileException _ ->
          new LatheException(TrainError.FILE_NOT_FOUND, file + ": no such file", cause);
      case CharacterCodingException _ ->
          new LatheException(TrainError.BAD_DATA, file + ": not UTF-8 text", cause);
      default -> new LatheException(TrainError.FILE_NOT_FOUND, file + ": cannot be read", cause);
    };
  }
}
