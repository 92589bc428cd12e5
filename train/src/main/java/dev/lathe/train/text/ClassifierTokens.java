package dev.lathe.train.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private static final List<String> NAMES = List.of("[PAD]", "[UNK]", "[CLS]");

  private ClassifierTokens() {}

  /**
   * The tokens in the order of their numbers.
   *
   * @return the names
   */
  public static List<String> names() {
    return NAMES;
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
    JsonMapper json = JsonMapper.builder().build();
    String name = NAMES.get(CLASS);
    Map<String, Object> before = Map.of("SpecialToken", Map.of("id", name, "type_id", 0));
    Map<String, Object> text = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
    Map<String, Object> second = Map.of("Sequence", Map.of("id", "B", "type_id", 0));
    Map<String, Object> template = new LinkedHashMap<>();
    template.put("type", "TemplateProcessing");
    template.put("single", List.of(before, text));
    template.put("pair", List.of(before, text, second));
    template.put(
        "special_tokens",
        Map.of(name, Map.of("id", name, "ids", List.of(CLASS), "tokens", List.of(name))));
    ObjectNode all = (ObjectNode) json.readTree(tokenizerJson);
    all.set("post_processor", json.valueToTree(template));
    return json.writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }
}
