package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.RegularFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A text file piece by piece, so that it may be larger than the memory. */
final class TextChunks implements AutoCloseable {
  /** Characters of a chunk, about. */
  private static final int CHUNK = 1 << 20;

  /** Characters of a text without any place to cut it. */
  private static final int LONGEST = 1 << 27;

  /** Where a chunk may end. */
  enum Cut {
    /** Between any two characters. */
    ANYWHERE {
      @Override
      int end(CharSequence text) {
        int end = text.length();
        return Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
      }
    },
    /** Behind the last line, or anywhere where there is none. */
    LINE {
      @Override
      int end(CharSequence text) {
        for (int end = text.length(); end > 0; end--) {
          if (text.charAt(end - 1) == '\n') {
            return end;
          }
        }
        return ANYWHERE.end(text);
      }
    },
    /** At a single space or line end between words, across which no piece of text reaches. */
    WORD {
      @Override
      int end(CharSequence text) {
        for (int at = text.length() - 2; at > 1; at--) {
          char one = text.charAt(at);
          boolean between = isSolid(text, at - 1) && isSolid(text, at + 1);
          if (between && (one == ' ' || one == '\n')) {
            return one == ' ' ? at : at + 1;
          }
        }
        return 0;
      }
    };

    /** Where the text that was read so far, which goes on, is cut; 0 if nowhere. */
    abstract int end(CharSequence text);

    private static boolean isSolid(CharSequence text, int at) {
      char one = text.charAt(at);
      return one < 128 ? one > ' ' : Character.isLetterOrDigit(one);
    }
  }

  private final Path file;
  private final Cut cut;
  private final int size;
  private final BufferedReader in;
  private final StringBuilder held = new StringBuilder();
  private final char[] buffer;
  private boolean started;
  private boolean ended;

  private TextChunks(Path file, Cut cut, int size, BufferedReader in) {
    this.file = file;
    this.cut = cut;
    this.size = size;
    this.in = in;
    this.buffer = new char[Math.min(size, 1 << 16)];
  }

  /**
   * Opens a file of UTF-8.
   *
   * @throws LatheException FILE_NOT_FOUND
   */
  static TextChunks open(Path file, Cut cut) {
    return open(file, cut, CHUNK);
  }

  /** The same with chunks of about so many characters. */
  static TextChunks open(Path file, Cut cut, int size) {
    RegularFile.require(file);
    try {
      return new TextChunks(file, cut, size, Files.newBufferedReader(file));
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
  }

  /** The chunks, which together are the text without the mark that it may begin with. */
  Stream<String> all() {
    return Stream.generate(this::next).takeWhile(Optional::isPresent).map(Optional::get);
  }

  /**
   * The next chunk; empty at the end.
   *
   * @throws LatheException BAD_DATA if the file is not UTF-8, TOO_LARGE if there is no place to cut
   */
  Optional<String> next() {
    int end = 0;
    for (int wanted = size; end == 0 && !ended; wanted *= 2) {
      if (wanted > LONGEST) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            file + ": " + held.length() + " characters without white space (expected: fewer)");
      }
      fill(wanted);
      end = ended ? held.length() : cut.end(held);
    }
    if (end == 0) {
      end = held.length();
    }
    if (end == 0) {
      return Optional.empty();
    }
    String chunk = held.substring(0, end);
    held.delete(0, end);
    return Optional.of(chunk);
  }

  private void fill(int wanted) {
    try {
      while (held.length() < wanted && !ended) {
        int read = in.read(buffer, 0, Math.min(buffer.length, wanted - held.length()));
        ended = read < 0;
        held.append(buffer, 0, Math.max(0, read));
      }
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
    if (!started && !held.isEmpty()) {
      started = true;
      held.delete(0, ByteOrderMark.length(held));
    }
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
