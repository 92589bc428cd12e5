package dev.lathe.prepare;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What Hugging Face's settings beside a model say about the texts that it takes. A file that there
 * is not is a missing node.
 *
 * @param config {@code config.json}
 * @param tokenizer {@code tokenizer_config.json}
 * @param sentences {@code sentence_bert_config.json}
 */
public record TextSettings(JsonNode config, JsonNode tokenizer, JsonNode sentences) {
  private static final int MOST_TOKENS = 1 << 20;

  /** Models whose places begin behind the padding's number. */
  private static final List<String> SHIFTED = List.of("roberta", "xlm-roberta", "camembert");

  /**
   * The token that fills up.
   *
   * @return its number; 0 if none is named
   */
  public int padding() {
    return config.path("pad_token_id").asInt(0);
  }

  /**
   * The most tokens that the model takes, special ones counted.
   *
   * @return the least of what the files say; empty if they say nothing
   */
  public OptionalInt longest() {
    boolean shifted = SHIFTED.contains(config.path("model_type").asString(""));
    int taken = shifted ? config.path("pad_token_id").asInt(1) + 1 : 0;
    return Stream.of(
            number(config, "max_position_embeddings", taken),
            number(config, "n_positions", 0),
            number(tokenizer, "model_max_length", 0),
            number(sentences, "max_seq_length", 0))
        .flatMapToInt(OptionalInt::stream)
        .min();
  }

  private static OptionalInt number(JsonNode json, String key, int less) {
    JsonNode value = json.path(key);
    boolean known =
        value.isNumber() && value.doubleValue() > less && value.doubleValue() <= MOST_TOKENS;
    return known ? OptionalInt.of((int) value.doubleValue() - less) : OptionalInt.empty();
  }

  /**
   * The names of classes by index.
   *
   * @return the names; empty if there are none
   */
  public List<String> labels() {
    JsonNode names = config.path("id2label");
    return IntStream.range(0, names.size())
        .mapToObj(i -> names.path(Integer.toString(i)).asString(Integer.toString(i)))
        .toList();
  }
}
