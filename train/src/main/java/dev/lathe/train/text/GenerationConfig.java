package dev.lathe.train.text;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a model that writes text must be told beside its tokens, in Hugging Face's words.
 *
 * @param start the token before a target's first
 * @param end the token after the last of a source or target
 * @param pad the token that fills a source up to the length of its batch
 * @param length the most tokens of a source or target, the end among them
 */
public record GenerationConfig(int start, int end, int pad, int length) {
  /** The name of its file. */
  public static final String FILE = "generation_config.json";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * With {@link SpecialTokens}.
   *
   * @param length the most tokens
   * @return the configuration
   */
  public static GenerationConfig of(int length) {
    return new GenerationConfig(SpecialTokens.START, SpecialTokens.END, SpecialTokens.PAD, length);
  }

  /**
   * As text.
   *
   * @return the content of {@link #FILE}
   */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("decoder_start_token_id", start);
    all.put("eos_token_id", end);
    all.put("pad_token_id", pad);
    all.put("max_length", length);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }

  /**
   * From text.
   *
   * @param json the content of {@link #FILE}
   * @return the configuration
   * @throws LatheException BAD_DATA if a number is missing or negative
   */
  public static GenerationConfig parse(String json) {
    try {
      JsonNode all = JSON.readTree(json);
      return new GenerationConfig(
          number(all, "decoder_start_token_id"),
          number(all, "eos_token_id"),
          number(all, "pad_token_id"),
          number(all, "max_length"));
    } catch (JacksonException e) {
      throw new LatheException(TrainError.BAD_DATA, FILE + ": not JSON", e);
    }
  }

  private static int number(JsonNode all, String key) {
    int number = all.path(key).asInt(-1);
    if (number < 0) {
      throw new LatheException(
          TrainError.BAD_DATA, FILE + ": " + key + " " + all.path(key) + " (expected: 0 or more)");
    }
    return number;
  }
}
