package dev.lathe.train.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tokens that no text has, by the numbers and names that BERT's vocabularies begin with here. */
public final class ClassifierTokens {
  /** Fills up sequences that are shorter than others; nobody looks at it. */
  public static final int PADDING = 0;

  /** A word that the vocabulary does not have. */
  public static final int UNKNOWN = 1;

  /** Stands before a text that is classified. */
  public static final int CLASS = 2;

  /** Stands behind each text of a pair. */
  public static final int SEPARATOR = 3;

  private static final List<String> NAMES = List.of("[PAD]", "[UNK]", "[CLS]");
  private static final List<String> PAIR_NAMES = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]");

  private ClassifierTokens() {}

  /**
   * The tokens in the order of their numbers.
   *
   * @return the names
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * The tokens of a model that reads pairs.
   *
   * @return the names, {@link #SEPARATOR} among them
   */
  public static List<String> pairNames() {
    return PAIR_NAMES;
  }

  static List<Map<String, Object>> added() {
    List<Map<String, Object>> added = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      Map<String, Object> token = new LinkedHashMap<>();
      token.put("id", i);
      token.put("content", NAMES.get(i));
      for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        token.put(no, false);
      }
      token.put("special", true);
      added.add(token);
    }
    return added;
  }

  /**
   * A tokenizer that puts {@link #CLASS} before every text.
   *
   * @param tokenizerJson a {@code tokenizer.json} whose special tokens are these
   * @return the content of the new one
   */
  public static String classifying(String tokenizerJson) {
    Object before = special(CLASS, 0);
    Object text = text("A", 0);
    return with(
        tokenizerJson, List.of(before, text), List.of(before, text, text("B", 0)), List.of(CLASS));
  }

  /**
   * A tokenizer that lays pairs as BERT's does: [CLS] first [SEP] second [SEP].
   *
   * @param tokenizerJson a {@code tokenizer.json} whose special tokens are {@link #pairNames}
   * @return the content of the new one
   */
  public static String pairing(String tokenizerJson) {
    Object before = special(CLASS, 0);
    Object first = text("A", 0);
    Object between = special(SEPARATOR, 0);
    return with(
        tokenizerJson,
        List.of(before, first, between),
        List.of(before, first, between, text("B", 1), special(SEPARATOR, 1)),
        List.of(CLASS, SEPARATOR));
  }

  private static Map<String, Object> special(int token, int type) {
    return Map.of("SpecialToken", Map.of("id", PAIR_NAMES.get(token), "type_id", type));
  }

  private static Map<String, Object> text(String id, int type) {
    return Map.of("Sequence", Map.of("id", id, "type_id", type));
  }

  private static String with(
      String tokenizerJson, List<Object> single, List<Object> pair, List<Integer> special) {
    JsonMapper json = JsonMapper.builder().build();
    Map<String, Object> tokens = new TreeMap<>();
    for (int token : special) {
      String name = PAIR_NAMES.get(token);
      tokens.put(name, Map.of("id", name, "ids", List.of(token), "tokens", List.of(name)));
    }
    Map<String, Object> template = new LinkedHashMap<>();
    template.put("type", "TemplateProcessing");
    template.put("single", single);
    template.put("pair", pair);
    template.put("special_tokens", tokens);
    ObjectNode all = (ObjectNode) json.readTree(tokenizerJson);
    all.set("post_processor", json.valueToTree(template));
    return json.writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }
}
