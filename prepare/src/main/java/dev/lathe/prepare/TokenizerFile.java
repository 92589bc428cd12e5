package dev.lathe.prepare;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a {@code tokenizer.json}, whose size is bounded. */
final class TokenizerFile {
  private static final long LARGEST_FILE = 128L << 20;

  private TokenizerFile() {}

  /** The file as JSON; BAD_TOKENIZER if it is missing, too large or no JSON. */
  static JsonNode read(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_FILE) {
        throw new LatheException(
            PrepareError.BAD_TOKENIZER,
            file.getFileName() + ": missing, or larger than " + LARGEST_FILE + " bytes");
      }
      return JsonMapper.shared().readTree(file.toFile());
    } catch (IOException | JacksonException e) {
      throw new LatheException(
          PrepareError.BAD_TOKENIZER,
          file.getFileName() + ": no JSON (expected: tokenizer.json)",
          e);
    }
  }
}
