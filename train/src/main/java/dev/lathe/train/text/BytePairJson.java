package dev.lathe.train.text;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A byte-pair vocabulary as Hugging Face's {@code tokenizer.json}, and back. */
final class BytePairJson {
  private static final int MAX_CHARACTERS = 64 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private BytePairJson() {}

  /** What a file says. */
  record Content(List<String> special, List<String> tokens, List<String> merges) {}

  static String write(List<String> special, Map<String, Object> vocabulary, List<String> merges) {
    List<Map<String, Object>> added = new ArrayList<>();
    for (int i = 0; i < special.size(); i++) {
      Map<String, Object> token = new LinkedHashMap<>();
      token.put("id", i);
      token.put("content", special.get(i));
      for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        token.put(no, false);
      }
      token.put("special", true);
      added.add(token);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    for (String absent :
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      model.put(absent, null);
    }
    for (String no : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      model.put(no, false);
    }
    model.put("vocab", vocabulary);
    model.put("merges", merges.stream().map(merge -> List.of(merge.split(" "))).toList());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("version", "1.0");
    all.put("truncation", null);
    all.put("padding", null);
    all.put("added_tokens", added);
    all.put("normalizer", null);
    all.put("pre_tokenizer", byteLevel());
    all.put("post_processor", null);
    all.put("decoder", byteLevel());
    all.put("model", model);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }

  private static Map<String, Object> byteLevel() {
    Map<String, Object> byteLevel = new LinkedHashMap<>();
    byteLevel.put("type", "ByteLevel");
    byteLevel.put("add_prefix_space", false);
    byteLevel.put("trim_offsets", true);
    byteLevel.put("use_regex", true);
    return byteLevel;
  }

  static Content read(String json) {
    if (json.length() > MAX_CHARACTERS) {
      throw bad(json.length() + " characters (expected: at most " + MAX_CHARACTERS + ")");
    }
    try {
      JsonNode all = JSON.readTree(json);
      require("model.type", all.path("model").path("type"), "BPE");
      require("pre_tokenizer.type", all.path("pre_tokenizer").path("type"), "ByteLevel");
      require(
          "pre_tokenizer.add_prefix_space",
          all.path("pre_tokenizer").path("add_prefix_space"),
          "false");
      require("normalizer", all.path("normalizer"), "null");
      List<String> tokens = tokens(all.path("model").path("vocab"));
      List<String> special = special(all.path("added_tokens"), tokens);
      return new Content(special, tokens, merges(all.path("model").path("merges"), tokens));
    } catch (JacksonException e) {
      throw new LatheException(TrainError.BAD_DATA, "tokenizer.json: not JSON", e);
    }
  }

  private static void require(String key, JsonNode found, String expected) {
    String text = found.isValueNode() ? found.asString() : found.toString();
    boolean absent = expected.equals("null") && (found.isNull() || found.isMissingNode());
    if (!absent && !text.equals(expected)) {
      throw bad(key + " " + text + " (expected: " + expected + ")");
    }
  }

  private static List<String> tokens(JsonNode vocabulary) {
    int size = vocabulary.size();
    List<String> tokens = new ArrayList<>(Collections.nCopies(size, ""));
    Set<Integer> seen = new HashSet<>();
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      int number = entry.getValue().asInt(-1);
      if (number < 0 || number >= size || !seen.add(number)) {
        throw bad("token \"" + entry.getKey() + "\": " + number + " (expected: 0 to V - 1, once)");
      }
      tokens.set(number, entry.getKey());
    }
    for (int letter : ByteLetters.all().chars().toArray()) {
      if (!vocabulary.has(Character.toString(letter))) {
        throw bad("no token for the byte written " + Character.toString(letter));
      }
    }
    return tokens;
  }

  private static List<String> special(JsonNode added, List<String> tokens) {
    List<String> special = new ArrayList<>();
    for (JsonNode token : added) {
      int number = token.path("id").asInt(-1);
      String content = token.path("content").asString("");
      if (number != special.size() || !content.equals(tokens.get(number))) {
        throw bad("added token \"" + content + "\": " + number + " (expected: the first tokens)");
      }
      special.add(content);
    }
    for (String token : tokens.subList(special.size(), tokens.size())) {
      if (!ByteLetters.areAll(token)) {
        throw bad("token \"" + token + "\" (expected: letters that stand for bytes)");
      }
    }
    return special;
  }

  /** A merge is a pair of texts, or one text with a space between the two. */
  private static List<String> merges(JsonNode all, List<String> tokens) {
    Set<String> known = new HashSet<>(tokens);
    List<String> merges = new ArrayList<>();
    for (JsonNode merge : all) {
      String both =
          merge.isArray()
              ? merge.path(0).asString("") + ' ' + merge.path(1).asString("")
              : merge.asString("");
      String[] parts = both.split(" ", -1);
      if (parts.length != 2
          || !known.containsAll(List.of(parts))
          || !known.contains(parts[0] + parts[1])) {
        throw bad("merge \"" + both + "\" (expected: two tokens that make a third)");
      }
      merges.add(both);
    }
    return merges;
  }

  private static LatheException bad(String what) {
    return new LatheException(TrainError.BAD_DATA, "tokenizer.json: " + what);
  }
}
