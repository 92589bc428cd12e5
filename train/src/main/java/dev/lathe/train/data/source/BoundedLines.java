package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The lines of a text in UTF-8, ended as {@link java.io.BufferedReader} has it. One that is too
 * long is refused before it is in memory. A mark that says that the text is UTF-8 is passed over.
 */
public final class BoundedLines implements AutoCloseable {
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final int BUFFER = 1 << 14;

  private final Path file;
  private final String name;
  private final int longest;
  private final Reader reader;
  private final char[] buffer = new char[BUFFER];
  private int next;
  private int filled;
  private int number;

  private BoundedLines(Path file, String name, int longest, Reader reader) {
    this.file = file;
    this.name = name;
    this.longest = longest;
    this.reader = reader;
  }

  /**
   * Opens a file.
   *
   * @param file the file
   * @param name what to call it in errors
   * @param longest the most characters of a line, in UTF-16 units
   * @return its lines; the caller closes them
   * @throws LatheException FILE_NOT_FOUND
   */
  public static BoundedLines open(Path file, String name, int longest) {
    try {
      return new BoundedLines(file, name, longest, Files.newBufferedReader(file));
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
  }

  /**
   * Reads a line.
   *
   * @return the line without its end; empty behind the last one
   * @throws LatheException TOO_LARGE naming the line; BAD_DATA if it is not UTF-8
   */
  public Optional<String> next() {
    try {
      if (next == filled && !fill()) {
        return Optional.empty();
      }
      number++;
      String line = line();
      boolean marked = number == 1 && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK;
      return Optional.of(marked ? line.substring(1) : line);
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
  }

  /**
   * Which line was read last.
   *
   * @return its number, from 1; 0 before the first
   */
  public int number() {
    return number;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (next < filled || fill()) {
      int end = next;
      while (end < filled && buffer[end] != '\n' && buffer[end] != '\r') {
        end++;
      }
      if (line.length() + (end - next) > longest) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            name
                + ": line "
                + number
                + ": more than "
                + longest
                + " characters (expected: at most so many)");
      }
      line.append(buffer, next, end - next);
      next = end;
      if (end < filled) {
        passEnd();
        break;
      }
    }
    return line.toString();
  }

  /** A carriage return and the line feed behind it are one end. */
  private void passEnd() throws IOException {
    boolean returned = buffer[next++] == '\r';
    if (returned && (next < filled || fill()) && buffer[next] == '\n') {
      next++;
    }
  }

  private boolean fill() throws IOException {
    next = 0;
    filled = Math.max(0, reader.read(buffer, 0, buffer.length));
    return filled > 0;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
  }
}
