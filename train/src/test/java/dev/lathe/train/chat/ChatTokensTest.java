package dev.lathe.train.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.testkit.SmallTalk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tokens of a line are seen, and which are learned; and what is no line. */
class ChatTokensTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    SmallTalk.write(folder);
  }

  /** The texts of what is seen and what is learned of a line, a pair for each sequence. */
  private List<String> learned(String line) {
    List<String> all = new ArrayList<>();
    try (ChatTokens tokens = ChatTokens.open(folder, 512);
        Tokenizer tokenizer = Tokenizer.open(folder.resolve("tokenizer.json"))) {
      tokens.each(ChatFile.parse(line), one -> all.add(shown(one, tokenizer)));
    }
    return all;
  }

  private static String shown(Learned one, Tokenizer tokenizer) {
    int[] said = Arrays.stream(one.targets()).filter(t -> t != Learned.NOT_LEARNED).toArray();
    return tokenizer.decode(one.tokens(), Specials.WITH)
        + " → "
        + tokenizer.decode(said, Specials.WITH);
  }

  private void template(String text) throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), text);
  }

  @Test
  void answers_areLearnedAsFarAsTheirEnd() {
    assertThat(
            learned(
                """
                {"messages": [{"role": "user", "content": "how much"},
                 {"role": "assistant", "content": "ten"}, {"role": "user", "content": "at night"},
                 {"role": "assistant", "content": "none"}]}\
                """))
        .containsExactly(
            "<|im_start|> user how much <|im_end|> <|im_start|> assistant ten <|im_end|>"
                + " <|im_start|> user at night <|im_end|> <|im_start|> assistant none → ten"
                + " <|im_end|> none <|im_end|>");
  }

  @Test
  void answersOfWeightZero_areSeenOnly() {
    assertThat(
            learned(
                """
                {"messages": [{"role": "user", "content": "how much"},
                 {"role": "assistant", "content": "ten", "weight": 0},
                 {"role": "user", "content": "at night"},
                 {"role": "assistant", "content": "none", "weight": 1}]}\
                """))
        .singleElement()
        .asString()
        .endsWith("→ none <|im_end|>")
        .contains("assistant ten");
  }

  @Test
  void templateThatWritesEarlierAnswersOtherwise_givesAnExampleForEach() throws IOException {
    template(
        """
        {% for m in messages %}{{ m.role }} {% if m.role == 'assistant' and loop.last %}small \
        {% endif %}{{ m.content }}<|im_end|> {% endfor %}\
        {% if add_generation_prompt %}assistant {% endif %}\
        """);
    assertThat(
            learned(
                """
                {"messages": [{"role": "user", "content": "how much"},
                 {"role": "assistant", "content": "ten"}, {"role": "user", "content": "at night"},
                 {"role": "assistant", "content": "none"}]}\
                """))
        .containsExactly(
            "user how much <|im_end|> assistant small ten → small ten <|im_end|>",
            "user how much <|im_end|> assistant ten <|im_end|> user at night <|im_end|> assistant"
                + " small none → small none <|im_end|>");
  }

  @Test
  void templateThatBreaksOffWhereItAsks_isRefused() throws IOException {
    template(
        "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}"
            + "{% if add_generation_prompt %}you {% endif %}");
    assertThatThrownBy(
            () ->
                learned(
                    """
                    {"messages": [{"role": "user", "content": "how"},
                     {"role": "assistant", "content": "ten"}]}\
                    """))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("messages[1]: the chat template does not write the answer after");
  }

  @Test
  void completionsAndTexts_endWithTheEndToken() {
    assertThat(learned("{\"prompt\": \"how much\", \"completion\": \" ten a day\"}"))
        .containsExactly("how much ten a day → ten a day <|im_end|>");
    assertThat(learned("{\"text\": \"wood and iron\"}"))
        .containsExactly("wood and iron → and iron <|im_end|>");
  }

  @Test
  void endTokenThatTheTokenizerSets_isLearnedToo() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    String ending =
        """
        "post_processor": {"type": "TemplateProcessing",
          "single": [{"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 0}}],
          "special_tokens":
            {"<|im_end|>": {"id": "<|im_end|>", "ids": [2], "tokens": ["<|im_end|>"]}}}\
        """;
    Files.writeString(
        file, Files.readString(file).replace("\"post_processor\": null", ending.strip()));
    completionsAndTexts_endWithTheEndToken();
  }

  @Test
  void longConversationOfManyAnswers_isRefusedBeforeItIsWrittenOutForEach() {
    String answers =
        ", {\"role\": \"user\", \"content\": \"b\"}, {\"role\": \"assistant\", \"content\": \"c\"}"
            .repeat(40);
    String line =
        "{\"messages\": [{\"role\": \"system\", \"content\": \""
            + "a".repeat(4 << 20)
            + "\"}"
            + answers
            + "]}";
    assertThatThrownBy(() -> learned(line))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("messages: written out as far as each of its 40 answers it has more");
  }

  @Test
  void placesAreCountedInCodePoints() {
    assertThat(
            learned("{\"prompt\": \"\\ud83d\\ude00\\ud83d\\ude00 how\", \"completion\": \" a b\"}"))
        .singleElement()
        .asString()
        .endsWith("→ a <unk> <|im_end|>");
  }

  @Test
  void tokensThatTheModelDoesNotKnow_areRefused() {
    try (ChatTokens tokens = ChatTokens.open(folder, 5)) {
      assertThatThrownBy(() -> tokens.each(ChatFile.parse("{\"text\": \"no yes\"}"), one -> {}))
          .hasMessageContaining("its scores have places for 5");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\": [{\"content\": \"a\"}]} | messages[0].role: missing (expected: one of",
        "{\"messages\": [{\"role\": \"bot\", \"content\": \"a\"}]} | messages[0].role: \"bot\"",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}"
            + " | messages[0].role: \"user\" (expected: \"assistant\", since the last message",
        "{\"messages\": [{\"role\": \"assistant\"}]} | messages[0].content: missing",
        "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"weight\": 0}]}"
            + " | messages: each answer has weight 0",
        "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"weight\": 2}]}"
            + " | messages[0].weight: 2 (expected: 0 or 1)",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\", \"weight\": 1}]}"
            + " | messages[0].weight: 1 (expected: none but at an assistant's)",
        "{\"messages\": []} | messages: 0 messages",
        "{\"messages\": 3} | messages: 3 (expected: a list",
        "{\"messages\": [], \"model\": \"x\"} | key \"model\" (expected: messages,",
        "{\"prompt\": \"a\"} | completion: missing (expected: a text)",
        "{\"prompt\": \"a\", \"completion\": \"\"} | completion: empty",
        "{\"text\": 1} | text: 1 (expected: a text)",
        "[1] | no JSON object",
        "{\"text\": \"a\" | no JSON: ",
        "{\"text\": \"a\"} {} | no JSON: ",
        "{\"text\": \"a\", \"text\": \"b\"} | no JSON: Duplicate",
      })
  void whatIsNoExample_isRefusedWithItsReason(String line, String message) {
    assertThatThrownBy(() -> learned(line))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void files_nameTheLine() throws IOException {
    Path file = folder.resolve("chats.jsonl");
    Files.writeString(file, "\uFEFF{\"text\": \"a\"}\n\n{\"text\": }\n");
    assertThatThrownBy(() -> ChatFile.read(file, line -> {}))
        .hasMessageStartingWith("chats.jsonl: line 3: no JSON");
    Files.writeString(file, "\n \n");
    assertThatThrownBy(() -> ChatFile.read(file, line -> {}))
        .hasMessageStartingWith("chats.jsonl: no examples");
    Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
    assertThatThrownBy(() -> ChatFile.read(file, line -> {}))
        .hasMessageContaining("not UTF-8 text");
  }
}
