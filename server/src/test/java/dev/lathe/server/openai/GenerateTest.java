package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Open Inference's generate, over a model that was really trained. */
@Timeout(120)
class GenerateTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String MODEL = "/v2/models/bard/llama";
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data) throws IOException {
    ShakespeareServer.publish(data);
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    CLIENT.close();
  }

  private static HttpResponse<String> send(String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode answer(String path, String body) throws Exception {
    HttpResponse<String> answer = send(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  private static List<JsonNode> events(String body) throws Exception {
    HttpResponse<String> answer = send(MODEL + "/generate_stream", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    List<JsonNode> events = new ArrayList<>();
    for (String line : answer.body().lines().filter(line -> !line.isEmpty()).toList()) {
      assertThat(line).startsWith("data: {");
      events.add(JsonMapper.shared().readTree(line.substring("data: ".length())));
    }
    return events;
  }

  private static String completed(String fields) throws Exception {
    return answer("/v1/completions", "{\"model\": \"bard/llama\", \"prompt\": \"ROMEO:\"" + fields)
        .path("choices")
        .path(0)
        .path("text")
        .asString();
  }

  @Test
  void text_isThatOfACompletion_whereverParametersStand() throws Exception {
    String expected = completed(", \"max_tokens\": 30, \"temperature\": 0.8, \"seed\": 7}");
    JsonNode within =
        answer(
            MODEL + "/generate",
            "{\"id\": \"a\", \"text_input\": \"ROMEO:\", \"parameters\": {\"max_tokens\": 30,"
                + " \"temperature\": 0.8, \"seed\": 7, \"details\": true}}");
    assertThat(within.path("text_output").asString()).isEqualTo(expected);
    assertThat(within.path("id").asString()).isEqualTo("a");
    assertThat(within.path("model_name").asString()).isEqualTo("bard/llama");
    assertThat(within.path("details").path("finish_reason").asString()).isEqualTo("length");
    JsonNode beside =
        answer(
            MODEL + "/versions/v1/generate",
            "{\"text_input\": \"ROMEO:\", \"max_tokens\": 30, \"temperature\": 0.8, \"seed\": 7,"
                + " \"stream\": false}");
    assertThat(beside.path("text_output").asString()).isEqualTo(expected);
    assertThat(beside.has("details")).isFalse();
    assertThat(beside.has("id")).isFalse();
  }

  @Test
  void pieces_makeTheText_andTheLastSaysHowItEnded() throws Exception {
    String parameters = "\"max_tokens\": 40, \"temperature\": 0";
    List<JsonNode> events =
        events(
            "{\"text_input\": \"ROMEO:\", \"stream\": true, \"parameters\": {"
                + parameters
                + ", \"details\": true}}");
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(event.path("text_output").asString()));
    assertThat(text).hasToString(completed(", " + parameters + "}"));
    assertThat(events).hasSizeGreaterThan(3);
    assertThat(events.getLast().path("details").path("finish_reason").asString())
        .isEqualTo("length");
    assertThat(events.getFirst().has("details")).isFalse();
  }

  @Test
  void stopText_isTold_andThePromptIsGivenBackIfAsked() throws Exception {
    JsonNode stopped =
        answer(
            MODEL + "/generate",
            "{\"text_input\": \"ROMEO:\", \"max_tokens\": 60, \"temperature\": 0, \"stop\":"
                + " [\"e\"], \"details\": true, \"exclude_input_in_output\": false}");
    assertThat(stopped.path("text_output").asString()).startsWith("ROMEO:");
    assertThat(stopped.path("text_output").asString().substring(6)).doesNotContain("e");
    assertThat(stopped.path("details").path("finish_reason").asString()).isEqualTo("stop_sequence");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generate|{}|text_input",
        "generate|{\"text_input\": 1}|text_input",
        "generate|{\"text_input\": \"a\", \"max_token\": 1}|max_token",
        "generate|{\"text_input\": \"a\", \"n\": 2}|is no parameter here",
        "generate|{\"text_input\": \"a\", \"stream\": true}|stream",
        "generate_stream|{\"text_input\": \"a\", \"stream\": false}|stream",
        "generate|{\"text_input\": \"a\", \"seed\": 1, \"parameters\": {\"seed\": 1}}|twice",
        "generate|{\"text_input\": \"a\", \"parameters\": {\"prompt\": \"b\"}}|parameters.prompt",
        "generate|{\"text_input\": \"a\", \"parameters\": [1]}|parameters",
        "generate_stream|{\"text_input\": \"a\", \"temperature\": -1}|temperature"
      })
  void whatIsWrong_isSaidWithStatus400(String verb, String body, String said) throws Exception {
    HttpResponse<String> answer = send(MODEL + "/" + verb, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains(said).startsWith("{\"error\":\"");
  }
}
