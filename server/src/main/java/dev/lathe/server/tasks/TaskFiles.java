package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.TextSettings;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * What the files beside a model say about texts: Hugging Face's settings, as far as there are any.
 *
 * @param folder the version's files
 */
record TaskFiles(Path folder) {
  static final String TOKENIZER = "tokenizer.json";
  private static final String CONFIG = "config.json";
  private static final int LARGEST = 16 << 20;
  private static final int USUAL_TOKENS = 512;

  /** A file as JSON; missing if there is none. */
  JsonNode json(String name) {
    Path file = folder.resolve(name);
    try {
      if (!Files.isRegularFile(file)) {
        return MissingNode.getInstance();
      }
      if (Files.size(file) > LARGEST) {
        throw bad(name + ": larger than " + LARGEST + " bytes");
      }
      return JsonMapper.shared().readTree(file.toFile());
    } catch (JacksonException e) {
      throw new LatheException(ServerError.NOT_OFFERED, name + ": not JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file as text; nothing if there is none. */
  Optional<String> text(String name) {
    Path file = folder.resolve(name);
    try {
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      if (Files.size(file) > LARGEST) {
        throw bad(name + ": larger than " + LARGEST + " bytes");
      }
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode config() {
    return json(CONFIG);
  }

  /** The token that fills up. */
  int pad() {
    return settings().padding();
  }

  /** The most tokens that the model takes, special ones counted. */
  int longest() {
    return settings().longest().orElse(USUAL_TOKENS);
  }

  private TextSettings settings() {
    return new TextSettings(
        config(), json("tokenizer_config.json"), json("sentence_bert_config.json"));
  }

  /** The names of classes by index; empty if the model's config has none. */
  List<String> labels() {
    return settings().labels();
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.NOT_OFFERED, message);
  }
}
