package dev.lathe.server.batches;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file line by line, none of them held longer than it is looked at. Empty lines do not count. */
final class Lines implements AutoCloseable {
  /** The longest line that a caller may write; what is beyond is cut off. */
  static final int LONGEST = 4 << 20;

  private final InputStream in;
  private final int longest;
  private int number;
  private long end;

  private Lines(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /** Lines of whoever wrote the file. */
  static Lines of(Path file) throws IOException {
    return of(file, LONGEST);
  }

  /** Lines of a file that is known to have none that are longer. */
  static Lines of(Path file, int longest) throws IOException {
    return new Lines(new BufferedInputStream(Files.newInputStream(file), 1 << 16), longest);
  }

  /**
   * A line.
   *
   * @param number from 1, empty lines counted
   * @param bytes what it holds, without its end
   * @param whole whether nothing was cut off and its end is there
   * @param begin where in the file it begins
   * @param end where in the file the next one begins
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Line(int number, byte[] bytes, boolean whole, long begin, long end) {}

  /** The next line; empty at the end of the file. */
  Optional<Line> next() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    boolean cut = false;
    long begin = end;
    while (true) {
      int one = in.read();
      end += one < 0 ? 0 : 1;
      if (one == '\n' || one < 0) {
        number++;
        boolean blank = bytes.toString(StandardCharsets.ISO_8859_1).isBlank();
        if (!blank) {
          return Optional.of(
              new Line(number, bytes.toByteArray(), !cut && one == '\n', begin, end));
        }
        if (one < 0) {
          return Optional.empty();
        }
        bytes.reset();
        begin = end;
      } else if (bytes.size() < longest) {
        bytes.write(one);
      } else {
        cut = true;
      }
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
