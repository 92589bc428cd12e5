package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Anthropic's messages on the wire, over a model that was really trained. */
@Timeout(60)
class MessagesTest {
  private static final String ALL = "/v1/messages";
  private static final String HELLO = "[{\"role\": \"user\", \"content\": \"Speak, Romeo.\"}]";
  private static final String BEGUN =
      "[{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": %s}]";
  private static final String FORCED =
      ", \"tools\": [{\"name\": \"a\", \"input_schema\": {}}], \"tool_choice\": {\"type\":"
          + " \"any\"}";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static LatheServer server;
  private static RawHttp http;

  @BeforeAll
  static void start(@TempDir Path data) {
    ShakespeareServer.publish(data);
    server = LatheServer.start(ServerConfig.of(data, 0));
    http = new RawHttp(server, CLIENT, "");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    CLIENT.close();
  }

  private static RawHttp.Answer ask(String messages, String more) throws Exception {
    return http.post(
        ALL, "{\"model\": \"bard/llama\", \"messages\": %s%s}".formatted(messages, more));
  }

  @Test
  void stream_tellsEveryStep() throws Exception {
    String text = ask(HELLO, ", \"max_tokens\": 3, \"temperature\": 0, \"stream\": true").text();
    assertThat(text).startsWith("event: message_start");
    List<String> names =
        text.lines()
            .filter(line -> line.startsWith("event: "))
            .map(line -> line.substring("event: ".length()))
            .distinct()
            .toList();
    assertThat(names)
        .containsExactly(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(text).contains("\"stop_reason\":\"max_tokens\"").doesNotContain("[DONE]");
  }

  @Test
  void conversation_hasTheTokensOfTheChatThatItIs() throws Exception {
    String blocks =
        "[{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Speak, Romeo.\"}]}]";
    String system = ", \"system\": [{\"type\": \"text\", \"text\": \"Be brief.\"}]";
    String counted =
        http.post(
                ALL + "/count_tokens",
                "{\"model\": \"bard/llama\", \"messages\": " + blocks + system + "}")
            .text();
    String chat =
        "{\"model\": \"bard/llama\", \"max_tokens\": 1, \"messages\": [{\"role\": \"system\","
            + " \"content\": \"Be brief.\"}, "
            + HELLO.substring(1)
            + "}";
    int tokens =
        http.post("/v1/chat/completions", chat).json().at("/usage/prompt_tokens").intValue();
    assertThat(counted).isEqualTo("{\"input_tokens\":" + tokens + "}");
  }

  private static String tokens(String messages) throws Exception {
    String body = "{\"model\": \"bard/llama\", \"messages\": " + messages + "}";
    return http.post(ALL + "/count_tokens", body).text();
  }

  @Test
  void neighboursOfOneRole_areOneMessage() throws Exception {
    String apart =
        """
        [{"role": "user", "content": "a"}, {"role": "user", "content": "b"},
         {"role": "assistant", "content": [{"type": "thinking", "thinking": "x", "signature": ""}]},
         {"role": "user", "content": [{"type": "text", "text": "c"}]}]
        """;
    String joined = "[{\"role\": \"user\", \"content\": \"a\\n\\nb\\n\\nc\"}]";
    assertThat(tokens(apart)).contains("input_tokens").isEqualTo(tokens(joined));
  }

  @Test
  void answerThatWasBegun_goesOn() throws Exception {
    String begun =
        "[{\"role\": \"user\", \"content\": \"Speak.\"},"
            + " {\"role\": \"assistant\", \"content\": \"O, she\"}]";
    String few = ", \"max_tokens\": 12, \"temperature\": 0";
    JsonNode message = ask(begun, few).json();
    String prompt = "<|im_start|>user\\nSpeak.<|im_end|>\\n<|im_start|>assistant\\nO, she";
    String raw = "{\"model\": \"bard/llama\", \"prompt\": \"" + prompt + "\"" + few + "}";
    JsonNode completion = http.post("/v1/completions", raw).json();
    assertThat(completion.at("/choices/0/text").stringValue())
        .isNotBlank()
        .isEqualTo(message.at("/content/0/text").stringValue());
    assertThat(message.at("/usage/input_tokens")).isEqualTo(completion.at("/usage/prompt_tokens"));
    String chat = "{\"model\": \"bard/llama\", \"continue_final_message\": true, \"messages\": ";
    JsonNode same = http.post("/v1/chat/completions", chat + begun + few + "}").json();
    assertThat(same.at("/choices/0/message/content")).isEqualTo(completion.at("/choices/0/text"));
    assertThat(http.post("/v1/chat/completions", chat + HELLO + few + "}").status()).isEqualTo(400);
  }

  @Test
  void badQuestions_areRefusedInAnthropicsForm() throws Exception {
    String few = ", \"max_tokens\": 1";
    for (String[] wrong :
        new String[][] {
          {HELLO, "", "max_tokens"},
          {"[]", few, "messages"},
          {"[{\"role\": \"system\", \"content\": \"x\"}]", few, "messages[0].role"},
          {"[{\"role\": \"user\", \"content\": 7}]", few, "messages[0].content"},
          {"[{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]", few, "type"},
          {HELLO, few + ", \"tools\": [{\"name\": \"a\"}]", "input_schema"},
          {HELLO, few + ", \"tool_choice\": {\"type\": \"x\"}", "tool_choice.type"},
          {HELLO, few + ", \"stop_sequences\": \"x\"", "stop_sequences"},
          {HELLO, few + ", \"colour\": 1", "colour"},
          {"[{\"role\": \"assistant\", \"content\": \"x\"}]", few, "no message before it"},
          {BEGUN.formatted("\"x \""), few, "white space"},
          {BEGUN.formatted("\"x\""), few + FORCED, "tool_choice"},
          {
            BEGUN.formatted("[{\"type\": \"tool_use\", \"id\": \"t\", \"name\": \"a\"}]"),
            few,
            "results of the calls"
          }
        }) {
      RawHttp.Answer refused = ask(wrong[0], wrong[1]);
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.json().get("type").stringValue()).isEqualTo("error");
      assertThat(refused.json().at("/error/type").stringValue()).isEqualTo("invalid_request_error");
      assertThat(refused.message()).contains(wrong[2]);
    }
    assertThat(http.post(ALL, "no json").status()).isEqualTo(400);
    assertThat(http.get(ALL).json().at("/error/type").stringValue())
        .isEqualTo("invalid_request_error");
  }
}
