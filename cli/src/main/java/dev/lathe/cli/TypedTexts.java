package dev.lathe.cli;

import dev.lathe.cli.input.Inputs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Texts as people give them to a verb. */
final class TypedTexts {
  private static final int LARGEST = 8 << 20;

  private TypedTexts() {}

  /** What was typed, or each line of standard input that is not blank where nothing was. */
  static List<String> lines(List<String> typed, InputStream in) {
    return allLines(typed, in).stream()
        .filter(line -> !typed.isEmpty() || !line.isBlank())
        .toList();
  }

  /** What was typed, or all lines of standard input, blank ones among them, where nothing was. */
  static List<String> allLines(List<String> typed, InputStream in) {
    if (!typed.isEmpty()) {
      return typed;
    }
    List<String> lines = text(in, "standard input").lines().toList();
    if (lines.stream().allMatch(String::isBlank)) {
      throw Inputs.bad("no text (expected: texts as arguments, or lines of standard input)", null);
    }
    return lines;
  }

  /** A file's text, or that of standard input for {@code -}. */
  static String text(String file, InputStream in) {
    if (file.equals("-")) {
      return text(in, "standard input");
    }
    try (InputStream from = Files.newInputStream(Path.of(file))) {
      return text(from, file);
    } catch (IOException e) {
      throw Inputs.bad(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static String text(InputStream in, String name) {
    try {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw Inputs.bad(name + ": more than " + LARGEST + " bytes", null);
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw Inputs.bad(name + ": not UTF-8 text", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
