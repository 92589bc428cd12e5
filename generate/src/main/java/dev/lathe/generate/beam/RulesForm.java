package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.WritingRules;
import dev.lathe.generate.WritingRules.Early;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads writing rules from {@code generation_config.json}, and what that does not say from {@code
 * config.json}, where older models have it. A null says nothing.
 */
public final class RulesForm {
  /** The most tokens of a target. */
  public static final int LONGEST = 1 << 20;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int USUAL_LENGTH = 512;
  private static final int MOST_TOKENS = 1 << 20;
  private static final int MOST_IN_LIST = 10_000;
  private static final List<String> POSITIONS = List.of("max_position_embeddings", "n_positions");

  /** Settings that change what is written and have no counterpart here, with what is neutral. */
  private static final Map<String, List<String>> UNKNOWN =
      Map.ofEntries(
          Map.entry("constraints", List.of("[]")),
          Map.entry("diversity_penalty", List.of("0", "0.0")),
          Map.entry("encoder_repetition_penalty", List.of("1", "1.0")),
          Map.entry("exponential_decay_length_penalty", List.of()),
          Map.entry("force_words_ids", List.of("[]")),
          Map.entry("forced_decoder_ids", List.of("[]")),
          Map.entry("guidance_scale", List.of("1", "1.0")),
          Map.entry("num_beam_groups", List.of("1")),
          Map.entry("penalty_alpha", List.of("0", "0.0")),
          Map.entry("sequence_bias", List.of("{}", "[]")),
          Map.entry("watermarking_config", List.of()));

  private final JsonNode said;
  private final JsonNode config;

  private RulesForm(JsonNode said, JsonNode config) {
    this.said = said;
    this.config = config;
  }

  /**
   * Reads the rules.
   *
   * @param files texts by name
   * @return the rules
   * @throws LatheException BAD_RULES
   */
  public static WritingRules parse(Map<String, String> files) {
    RulesForm form = new RulesForm(json(files, WritingRules.FILE), json(files, "config.json"));
    form.requireKnown();
    return form.rules();
  }

  private static JsonNode json(Map<String, String> files, String name) {
    try {
      JsonNode root = JSON.readTree(files.getOrDefault(name, "{}"));
      if (!root.isObject()) {
        throw bad(name + ": " + root.getNodeType() + " (expected: an object)");
      }
      return root;
    } catch (JacksonException e) {
      throw new LatheException(GenerateError.BAD_RULES, name + ": not JSON", e);
    }
  }

  private void requireKnown() {
    UNKNOWN.forEach(
        (key, neutral) -> {
          JsonNode value = value(key);
          if (!value.isMissingNode() && !neutral.contains(value.toString())) {
            throw bad(key + ": " + value + " is not supported (expected: nothing)");
          }
        });
  }

  private WritingRules rules() {
    int[] ends = numbers("eos_token_id");
    int pad = whole("pad_token_id", ends.length > 0 ? ends[0] : 0, 0, MOST_TOKENS);
    int begin = whole("bos_token_id", -1, 0, MOST_TOKENS);
    int start = whole("decoder_start_token_id", begin, 0, MOST_TOKENS);
    if (start < 0) {
      throw bad("no decoder_start_token_id in " + WritingRules.FILE + " or config.json");
    }
    return new WritingRules(
        new WritingRules.Marks(start, ends, pad), lengths(), beams(), forced(), avoided());
  }

  private WritingRules.Lengths lengths() {
    int context = LONGEST;
    for (String key : POSITIONS.reversed()) {
      context = config.path(key).isNull() ? context : config.path(key).asInt(context);
    }
    int usual = Math.min(context, USUAL_LENGTH);
    int byNew = whole("max_new_tokens", 0, 0, LONGEST - 1);
    int most = byNew > 0 ? byNew + 1 : whole("max_length", usual, 2, LONGEST);
    int leastNew = whole("min_new_tokens", 0, 0, LONGEST - 1);
    int least = leastNew > 0 ? leastNew + 1 : whole("min_length", 0, 0, LONGEST);
    return new WritingRules.Lengths(most, Math.min(least, most));
  }

  private WritingRules.Beams beams() {
    Early early =
        switch (value("early_stopping").asString("false")) {
          case "true" -> Early.YES;
          case "false" -> Early.NO;
          case "never" -> Early.NEVER;
          case String other ->
              throw bad("early_stopping: " + other + " (expected: true, false or \"never\")");
        };
    double penalty = real("length_penalty", 1, -10);
    return new WritingRules.Beams(
        whole("num_beams", 1, 1, WritingRules.MOST_BEAMS), penalty, early);
  }

  private WritingRules.Forced forced() {
    int first = whole("forced_bos_token_id", -1, 0, MOST_TOKENS);
    return new WritingRules.Forced(
        first < 0 ? OptionalInt.empty() : OptionalInt.of(first), numbers("forced_eos_token_id"));
  }

  private WritingRules.Avoided avoided() {
    double repetition = real("repetition_penalty", 1, 0);
    if (repetition == 0) {
      throw bad("repetition_penalty: 0 (expected: more than 0)");
    }
    return new WritingRules.Avoided(
        repetition,
        whole("no_repeat_ngram_size", 0, 0, LONGEST),
        whole("encoder_no_repeat_ngram_size", 0, 0, LONGEST),
        words(),
        numbers("suppress_tokens"),
        numbers("begin_suppress_tokens"),
        value("renormalize_logits").asBoolean(false));
  }

  private List<int[]> words() {
    JsonNode all = value("bad_words_ids");
    if (!all.isMissingNode() && (!all.isArray() || all.size() > MOST_IN_LIST)) {
      throw bad("bad_words_ids: expected at most " + MOST_IN_LIST + " lists of tokens");
    }
    List<int[]> words = new ArrayList<>();
    for (JsonNode word : all) {
      if (!word.isArray() || word.isEmpty()) {
        throw bad("bad_words_ids: " + word + " (expected: a list of tokens)");
      }
      words.add(tokens("bad_words_ids", word));
    }
    return List.copyOf(words);
  }

  /** The newer file's value, else the older's; a null says nothing. */
  private JsonNode value(String key) {
    JsonNode first = said.path(key);
    JsonNode second = first.isMissingNode() || first.isNull() ? config.path(key) : first;
    return second.isNull() ? said.path("") : second;
  }

  private int whole(String key, int otherwise, int least, int most) {
    JsonNode value = value(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw bad(key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
    return requireRange(key, value.intValue(), least, most);
  }

  private double real(String key, double otherwise, double least) {
    JsonNode value = value(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number >= least && number <= 1000)) {
      throw bad(key + ": " + value + " (expected: " + least + " to 1000)");
    }
    return number;
  }

  /** One token, or a list of them. */
  private int[] numbers(String key) {
    JsonNode value = value(key);
    if (value.isMissingNode()) {
      return new int[0];
    }
    return value.isArray() ? tokens(key, value) : new int[] {token(key, value)};
  }

  private static int[] tokens(String key, JsonNode list) {
    if (list.size() > MOST_IN_LIST) {
      throw bad(key + ": " + list.size() + " tokens (expected: at most " + MOST_IN_LIST + ")");
    }
    return list.valueStream().mapToInt(each -> token(key, each)).toArray();
  }

  private static int token(String key, JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw bad(key + ": " + value + " (expected: a token's number)");
    }
    return requireRange(key, value.intValue(), 0, MOST_TOKENS);
  }

  /**
   * Refuses a number out of range.
   *
   * @param key what it is called
   * @param value the number
   * @param least the smallest
   * @param most the largest
   * @return the number
   * @throws LatheException BAD_RULES
   */
  public static int requireRange(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw bad(key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
    return value;
  }

  private static LatheException bad(String message) {
    return new LatheException(GenerateError.BAD_RULES, message);
  }
}
