package dev.lathe.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What lies beside a language model of 512 tokens, so that it can be talked to: a tokenizer that
 * knows some words, between spaces, and a chat template. Token 2 ends an answer.
 */
public final class SmallTalk {
  /** Three conversations of which a small model can learn all answers, as lines of JSON. */
  public static final List<String> LINES =
      List.of(
          """
          {"messages": [{"role": "user", "content": "who are you"}, \
          {"role": "assistant", "content": "i am a small lathe"}]}\
          """,
          """
          {"messages": [{"role": "system", "content": "be brief"}, \
          {"role": "user", "content": "what do you turn"}, \
          {"role": "assistant", "content": "wood and iron"}]}\
          """,
          """
          {"messages": [{"role": "user", "content": "how much"}, \
          {"role": "assistant", "content": "ten a day"}, \
          {"role": "user", "content": "and at night"}, \
          {"role": "assistant", "content": "none i sleep"}]}\
          """);

  private static final int TOKENS = 512;
  private static final String WORDS =
      "system user assistant who are you i am a small lathe be brief what do turn wood and iron how"
          + " much ten day at night none sleep yes no";

  private SmallTalk() {}

  /**
   * Writes the files.
   *
   * @param folder where they go
   * @throws IOException if they cannot be written
   */
  public static void write(Path folder) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    List.of("<pad>", "<|im_start|>", "<|im_end|>", "<unk>")
        .forEach(token -> vocabulary.put(token, vocabulary.size()));
    for (String word : WORDS.split(" ")) {
      vocabulary.put(word, vocabulary.size());
    }
    while (vocabulary.size() < TOKENS) {
      vocabulary.put("w" + vocabulary.size(), vocabulary.size());
    }
    String words =
        vocabulary.entrySet().stream()
            .map(word -> "\"" + word.getKey() + "\": " + word.getValue())
            .collect(Collectors.joining(", "));
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
         "decoder": null, "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {%s}}}
        """
            .formatted(
                List.of(special("<|im_start|>", 1), special("<|im_end|>", 2)).stream()
                    .collect(Collectors.joining(", ")),
                words));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"eos_token": "<|im_end|>", "chat_template": "{% for m in messages %}<|im_start|>\
        {{ m['role'] }}\\n{{ m['content'] }}<|im_end|>\\n{% endfor %}\
        {% if add_generation_prompt %}<|im_start|>assistant\\n{% endif %}"}
        """);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 2}");
  }

  private static String special(String token, int id) {
    return """
    {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false, \
    "normalized": false, "special": true}\
    """
        .formatted(id, token);
  }
}
