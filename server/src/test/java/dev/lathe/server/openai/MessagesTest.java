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

/** Anthropic's messages on the wire, over a model that was really trained. */
@Timeout(60)
class MessagesTest {
  private static final String ALL = "/v1/messages";
  private static final String HELLO = "[{\"role\": \"user\", \"content\": \"Speak, Romeo.\"}]";
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
          {HELLO, few + ", \"colour\": 1", "colour"}
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
