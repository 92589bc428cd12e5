package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Texts;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.RegularFile;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Two files whose lines belong together, line by line, so that they may be larger than the memory:
 * UTF-8, plain or compressed by gzip.
 */
final class ParallelFiles implements AutoCloseable {
  private static final int MAX_LINES = 1 << 30;
  private static final int MAX_LINE = 1 << 16;

  private final Lines source;
  private final Lines target;

  private ParallelFiles(Lines source, Lines target) {
    this.source = source;
    this.target = target;
  }

  /**
   * A sentence and its translation.
   *
   * @param source a line
   * @param target the line in the same place of the other file
   */
  record Sentence(String source, String target) {}

  /**
   * Opens both files.
   *
   * @throws LatheException FILE_NOT_FOUND
   */
  static ParallelFiles open(Texts files) {
    Lines source = new Lines(files.source());
    try {
      return new ParallelFiles(source, new Lines(files.target()));
    } catch (LatheException e) {
      source.close();
      throw e;
    }
  }

  /** The sentences, in the order of the files. */
  Stream<Sentence> all() {
    return Stream.generate(this::next).takeWhile(Optional::isPresent).map(Optional::get);
  }

  /**
   * The next sentence; empty at the end.
   *
   * @throws LatheException BAD_DATA if the files are not as long as each other, or no text;
   *     TOO_LARGE
   */
  Optional<Sentence> next() {
    Optional<String> from = source.next();
    Optional<String> to = target.next();
    if (from.isPresent() != to.isPresent()) {
      throw new LatheException(
          TrainError.BAD_DATA,
          target.file
              + ": "
              + target.rest()
              + " lines (expected: "
              + source.rest()
              + ", as in "
              + source.file
              + ")");
    }
    return from.map(line -> new Sentence(line, to.orElseThrow()));
  }

  @Override
  public void close() {
    try (source;
        target) {
      // Both are closed, whatever one of them does.
    }
  }

  /** The lines of one file. */
  private static final class Lines implements AutoCloseable {
    private final Path file;
    private final BufferedReader in;
    private int count;

    Lines(Path file) {
      RegularFile.require(file);
      this.file = file;
      try {
        in = reader(file);
      } catch (EOFException | ZipException e) {
        throw bad("broken gzip", e);
      } catch (IOException e) {
        throw RegularFile.unreadable(file, e);
      }
    }

    private static BufferedReader reader(Path file) throws IOException {
      InputStream bytes = Files.newInputStream(file);
      try {
        InputStream plain =
            file.toString().endsWith(".gz") ? new GZIPInputStream(bytes, 1 << 16) : bytes;
        return new BufferedReader(
            new InputStreamReader(plain, StandardCharsets.UTF_8.newDecoder()), 1 << 16);
      } catch (IOException e) {
        bytes.close();
        throw e;
      }
    }

    Optional<String> next() {
      try {
        String line = in.readLine();
        if (line == null) {
          return Optional.empty();
        }
        count++;
        if (line.length() > MAX_LINE || count > MAX_LINES) {
          throw tooLarge();
        }
        return Optional.of(count == 1 ? ByteOrderMark.passed(line) : line);
      } catch (CharacterCodingException e) {
        throw bad("not UTF-8 text", e);
      } catch (EOFException | ZipException e) {
        throw bad("broken gzip", e);
      } catch (IOException e) {
        throw RegularFile.unreadable(file, e);
      }
    }

    /** Reads to the end; how many lines there are. */
    int rest() {
      while (next().isPresent()) {
        // It is counted.
      }
      return count;
    }

    private LatheException tooLarge() {
      return new LatheException(
          TrainError.TOO_LARGE,
          file
              + ": line "
              + count
              + ": too much text (expected: at most "
              + MAX_LINES
              + " lines of "
              + MAX_LINE
              + " characters)");
    }

    private LatheException bad(String what, IOException e) {
      return new LatheException(
          TrainError.BAD_DATA, file + ": after line " + count + ": " + what, e);
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw RegularFile.unreadable(file, e);
      }
    }
  }
}
