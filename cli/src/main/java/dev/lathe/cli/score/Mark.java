package dev.lathe.cli.score;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * How far a result is that is being made; lies beside it, so that the work can be taken up again.
 *
 * @param input the file of examples
 * @param inputBytes its size
 * @param inputModified when it was changed last, in milliseconds since 1970
 * @param model {@code namespace/name}
 * @param version {@code v<N>}
 * @param form what else decides what a line of the result looks like
 * @param rows rows that are done
 * @param written bytes of the result that are theirs
 */
record Mark(
    String input,
    long inputBytes,
    long inputModified,
    String model,
    String version,
    List<String> form,
    long rows,
    long written) {
  Mark {
    form = List.copyOf(form);
  }

  static Path beside(Path part) {
    return part.resolveSibling(part.getFileName() + ".json");
  }

  static Mark read(Path part) {
    Path file = beside(part);
    try {
      return ApiJson.read(Files.readAllBytes(file), Mark.class);
    } catch (IOException e) {
      throw new LatheException(
          ScoreError.OTHER_WORK, file + ": cannot be read (--force begins anew)", e);
    }
  }

  /** Writes it whole or not at all. */
  void write(Path part) throws IOException {
    Path file = beside(part);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, ApiJson.print(this));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  Mark at(long newRows, long newWritten) {
    return new Mark(input, inputBytes, inputModified, model, version, form, newRows, newWritten);
  }

  /** Refuses to go on with what was begun for another file, model or form. */
  void requireSameWork(Mark begun, Path part) {
    if (!begun.at(0, 0).equals(at(0, 0))) {
      throw new LatheException(
          ScoreError.OTHER_WORK,
          part
              + " is from "
              + begun.input
              + " by "
              + begun.model
              + "@"
              + begun.version
              + ", with other settings or an input that has changed since (--force begins anew)");
    }
  }
}
