package dev.lathe.cli.input;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.VersionDetails.Port;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Reads what {@code --input} names: a file, {@code -} for standard input, or the value itself.
 *
 * @param ports the inputs of the model
 * @param scale what a white pixel becomes
 */
public record Inputs(List<Port> ports, double scale) {
  private static final long MOST_BYTES = 256L << 20;

  /**
   * What was typed, as the model's inputs. The form is seen from the first bytes: a picture (PNG,
   * PGM and what else the JDK reads), JSON, else rows of numbers.
   *
   * @param text what was typed
   * @param standardInput for {@code -}
   * @return tensors by the names of the model's inputs
   * @throws LatheException BAD_INPUT if it cannot be read or does not fit the model
   */
  public Map<String, Tensor> read(String text, InputStream standardInput) {
    String trimmed = text.strip();
    if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
      return new JsonInput(ports).read(trimmed.getBytes(StandardCharsets.UTF_8), "input");
    }
    if (takesBytes()) {
      return bytes(text, standardInput);
    }
    if (text.equals("-")) {
      return decode(bounded(standardInput, "standard input"), "standard input");
    }
    Path file = Path.of(text);
    if (Files.isRegularFile(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        return decode(bounded(in, text), text);
      } catch (IOException e) {
        throw bad(text + ": cannot be read", e);
      }
    }
    if (trimmed.matches("[-+0-9.eE,;\\s]+")) {
      return new CsvInput(only()).read(trimmed, "input");
    }
    throw bad("input \"" + text + "\": no such file, and neither JSON nor a row of numbers", null);
  }

  /** Whether the model takes texts or files, one for each row. */
  private boolean takesBytes() {
    return ports.size() == 1
        && ports.getFirst().datatype().equals("BYTES")
        && ports.getFirst().shape().size() == 1;
  }

  /** A picture goes as Base64, which any text may hold; a text, from a file or typed, as it is. */
  private Map<String, Tensor> bytes(String text, InputStream standardInput) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    boolean readIn = text.equals("-");
    if (readIn) {
      content = bounded(standardInput, "standard input");
    } else if (text.length() < 4096 && Files.isRegularFile(Path.of(text))) {
      readIn = true;
      try (InputStream in = Files.newInputStream(Path.of(text))) {
        content = bounded(in, text);
      } catch (IOException e) {
        throw bad(text + ": cannot be read", e);
      }
    }
    String value =
        readIn && PictureInput.isPicture(content)
            ? Base64.getEncoder().encodeToString(content)
            : new String(content, StandardCharsets.UTF_8).stripTrailing();
    return Map.of(ports.getFirst().name(), Tensor.ofStrings(List.of(value), 1));
  }

  private Map<String, Tensor> decode(byte[] bytes, String where) {
    if (PictureInput.isPicture(bytes)) {
      return new PictureInput(only(), scale).read(bytes, where);
    }
    int first = 0;
    while (first < bytes.length && Character.isWhitespace(bytes[first])) {
      first++;
    }
    if (first < bytes.length && (bytes[first] == '{' || bytes[first] == '[')) {
      return new JsonInput(ports).read(bytes, where);
    }
    return new CsvInput(only()).read(new String(bytes, StandardCharsets.UTF_8), where);
  }

  private Port only() {
    if (ports.size() != 1) {
      throw bad(
          "the model has "
              + ports.size()
              + " inputs "
              + ports.stream().map(Port::name).toList()
              + " (expected: JSON that names each of them)",
          null);
    }
    return ports.getFirst();
  }

  private static byte[] bounded(InputStream in, String where) {
    try {
      byte[] bytes = in.readNBytes(Math.toIntExact(MOST_BYTES) + 1);
      if (bytes.length > MOST_BYTES) {
        throw bad(where + ": more than " + MOST_BYTES + " bytes", null);
      }
      return bytes;
    } catch (IOException e) {
      throw bad(where + ": cannot be read", e);
    }
  }

  /**
   * An input that cannot be read.
   *
   * @param message what it is, and what was expected
   * @param cause why, if something else said so
   * @return the exception
   */
  public static LatheException bad(
      String message, @org.jspecify.annotations.Nullable Throwable cause) {
    return new LatheException(InputError.BAD_INPUT, message, cause);
  }
}
