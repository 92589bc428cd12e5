package dev.lathe.benchmarks.generating;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What lies beside the storm's models: a tokenizer of bytes and some words, so that any text and
 * any JSON can be written, a template for chats, and which tokens begin and end a text.
 */
final class StormFiles {
  private static final List<String> SPECIAL =
      List.of("<pad>", "<|im_start|>", "<|im_end|>", "<start>");
  private static final String WORDS =
      " the and of to in is was for with that on are by from or system user assistant answer"
          + " question text storm wind rain true false null name value";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Map<String, Integer> VOCABULARY = new LinkedHashMap<>();
  private static final Set<List<String>> MERGES = new LinkedHashSet<>();

  static {
    SPECIAL.forEach(token -> VOCABULARY.put(token, VOCABULARY.size()));
    IntStream.range(0, 256)
        .mapToObj(StormFiles::visible)
        .forEach(token -> VOCABULARY.put(token, VOCABULARY.size()));
    for (String word : WORDS.strip().split(" ")) {
      learn(visible(' ') + word);
    }
  }

  private StormFiles() {}

  /** A byte as GPT-2's alphabet writes it. */
  private static String visible(int code) {
    int moved = 256;
    for (int b = 0; b < code; b++) {
      moved += isVisible(b) ? 0 : 1;
    }
    return String.valueOf((char) (isVisible(code) ? code : moved));
  }

  private static boolean isVisible(int code) {
    return code >= '!' && code <= '~' || code >= 0xA1 && code <= 0xAC || code >= 0xAE;
  }

  private static void learn(String word) {
    String left = word.substring(0, 1);
    for (int i = 1; i < word.length(); i++) {
      String right = word.substring(i, i + 1);
      MERGES.add(List.of(left, right));
      left += right;
      VOCABULARY.putIfAbsent(left, VOCABULARY.size());
    }
  }

  /** How many tokens there are. */
  static int vocabulary() {
    return VOCABULARY.size();
  }

  /** The files of a model that chats. */
  static Map<String, String> chat() {
    ObjectNode config = JSON.createObjectNode();
    config.put("eos_token", "<|im_end|>");
    config.put(
        "chat_template",
        "{% if tools %}<|im_start|>system\n{{ tools | tojson }}<|im_end|>\n{% endif %}"
            + "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
            + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}");
    return Map.of(
        "tokenizer.json",
        tokenizer(),
        "tokenizer_config.json",
        config.toString(),
        "generation_config.json",
        "{\"eos_token_id\": 2}");
  }

  /** The files of a model that translates up to so many tokens. */
  static Map<String, String> translation(int longest) {
    return Map.of(
        "tokenizer.json",
        tokenizer(),
        "generation_config.json",
        "{\"decoder_start_token_id\": 3, \"eos_token_id\": 2, \"pad_token_id\": 0, \"max_length\": "
            + longest
            + "}");
  }

  private static String tokenizer() {
    ObjectNode all = JSON.createObjectNode().put("version", "1.0");
    ArrayNode added = all.putArray("added_tokens");
    for (String token : SPECIAL) {
      ObjectNode one = added.addObject().put("id", VOCABULARY.get(token)).put("content", token);
      one.put("single_word", false).put("lstrip", false).put("rstrip", false);
      one.put("normalized", false).put("special", true);
    }
    all.set("pre_tokenizer", bytes().put("use_regex", true));
    all.set("decoder", bytes());
    ObjectNode model = all.putObject("model").put("type", "BPE");
    VOCABULARY.forEach(model.putObject("vocab")::put);
    ArrayNode merges = model.putArray("merges");
    new ArrayList<>(MERGES)
        .forEach(pair -> merges.add(pair.stream().collect(Collectors.joining(" "))));
    return all.toString();
  }

  private static ObjectNode bytes() {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true);
  }
}
