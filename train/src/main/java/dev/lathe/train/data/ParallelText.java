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
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Lines of two files that belong together, UTF-8, plain or compressed by gzip.
 *
 * @param source sentences
 * @param target their translations, as many
 */
public record ParallelText(List<String> source, List<String> target) {
  private static final int MAX_LINES = 20_000_000;
  private static final int MAX_LINE = 1 << 16;

  /** Characters of both files together. */
  private static final long MAX_CHARACTERS = 1L << 30;

  static final ParallelText NONE = new ParallelText(List.of(), List.of());

  /** Copies the lines. */
  public ParallelText {
    source = List.copyOf(source);
    target = List.copyOf(target);
  }

  /**
   * Reads two files.
   *
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if they are not as long as each other, or no
   *     text; TOO_LARGE
   */
  static ParallelText read(Texts files) {
    if (files.source().toString().isEmpty()) {
      return NONE;
    }
    List<String> source = lines(files.source());
    List<String> target = lines(files.target());
    if (source.size() != target.size()) {
      throw new LatheException(
          TrainError.BAD_DATA,
          files.target()
              + ": "
              + target.size()
              + " lines (expected: "
              + source.size()
              + ", as in "
              + files.source()
              + ")");
    }
    return new ParallelText(source, target);
  }

  private static List<String> lines(Path file) {
    List<String> lines = new ArrayList<>();
    long characters = 0;
    RegularFile.require(file);
    try (BufferedReader reader = open(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(lines.isEmpty() ? ByteOrderMark.passed(line) : line);
        characters += line.length();
        if (line.length() > MAX_LINE || lines.size() > MAX_LINES || characters > MAX_CHARACTERS) {
          throw new LatheException(
              TrainError.TOO_LARGE,
              file
                  + ": line "
                  + lines.size()
                  + ": too much text (expected: at most "
                  + MAX_LINES
                  + " lines of "
                  + MAX_LINE
                  + " characters, "
                  + MAX_CHARACTERS
                  + " in all)");
        }
      }
      return lines;
    } catch (CharacterCodingException e) {
      throw bad(file, lines, "not UTF-8 text", e);
    } catch (EOFException | ZipException e) {
      throw bad(file, lines, "broken gzip", e);
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
  }

  private static LatheException bad(Path file, List<String> lines, String what, IOException e) {
    return new LatheException(
        TrainError.BAD_DATA, file + ": after line " + lines.size() + ": " + what, e);
  }

  private static BufferedReader open(Path file) throws IOException {
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
}
