package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  private static final int MOST_TOKENS = 1 << 20;

  /** Models whose places begin behind the padding's number. */
  private static final List<String> SHIFTED = List.of("roberta", "xlm-roberta", "camembert");

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
    return config().path("pad_token_id").asInt(0);
  }

  /** The most tokens that the model takes, special ones counted. */
  int longest() {
    JsonNode config = config();
    boolean shifted = SHIFTED.contains(config.path("model_type").asString(""));
    int taken = shifted ? config.path("pad_token_id").asInt(1) + 1 : 0;
    return Stream.of(
            number(config, "max_position_embeddings", taken),
            number(config, "n_positions", 0),
            number(json("tokenizer_config.json"), "model_max_length", 0),
            number(json("sentence_bert_config.json"), "max_seq_length", 0))
        .flatMapToInt(OptionalInt::stream)
        .min()
        .orElse(USUAL_TOKENS);
  }

  private static OptionalInt number(JsonNode json, String key, int less) {
    JsonNode value = json.path(key);
    boolean known =
        value.isNumber() && value.doubleValue() > less && value.doubleValue() <= MOST_TOKENS;
    return known ? OptionalInt.of((int) value.doubleValue() - less) : OptionalInt.empty();
  }

  /** The names of classes by index; empty if the model's config has none. */
  List<String> labels() {
    JsonNode names = config().path("id2label");
    return IntStream.range(0, names.size())
        .mapToObj(i -> names.path(Integer.toString(i)).asString(Integer.toString(i)))
        .toList();
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.NOT_OFFERED, message);
  }
}
