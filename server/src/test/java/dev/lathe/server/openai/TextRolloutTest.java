package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Canaries of models that are asked for texts: v2 is like v1, v3 has no chat template. */
@Timeout(120)
class TextRolloutTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String MODEL = "/api/v1/models/bard/llama";
  private static final String VECTORS = "/api/v1/models/demo/vectors";
  private static final String PROMPT =
      "{\"model\": \"bard/llama\", \"prompt\": \"First\", \"max_tokens\": 3}";
  private static final String CHAT =
      """
      {"model": "bard/llama", "messages": [{"role": "user", "content": "Speak."}], "max_tokens": 3}\
      """;
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data, @TempDir Path scratch) throws IOException {
    ShakespeareServer.publish(data);
    ShakespeareServer.publish(data, file -> true);
    ShakespeareServer.publish(data, file -> !file.matches("chat_template.*|tokenizer_config.*"));
    ShakespeareServer.publishVectors(data, scratch);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.importModel("demo/vectors", scratch.resolve("bert-embed").toString(), "");
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
    CLIENT.close();
  }

  @AfterEach
  void endTrials() throws Exception {
    for (String model : List.of(MODEL, VECTORS)) {
      post(model + "/deployments", "{\"version\": \"v1\", \"environment\": \"prod\"}");
    }
  }

  private static HttpResponse<String> post(String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void canary(String model, String version, String fields) throws Exception {
    String wish =
        "{\"version\": \"%s\", \"environment\": \"prod\", \"as\": \"canary\", %s}"
            .formatted(version, fields);
    HttpResponse<String> answer = post(model + "/deployments", wish);
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
    JsonNode trial = trial(model);
    while (!trial.at("/canary/state").asString().equals("running")) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      trial = trial(model);
    }
  }

  private static JsonNode trial(String model) throws Exception {
    URI uri = URI.create(server.address() + model + "/deployments/prod/trial");
    return JsonMapper.shared()
        .readTree(
            CLIENT
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body());
  }

  private static String version(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.headers().firstValue("Lathe-Version").orElse("none");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/chat/completions | CHAT",
        "/v1/completions | PROMPT",
        "/v1/responses | {\"model\": \"bard/llama\", \"input\": \"Speak.\", \"max_output_tokens\":"
            + " 16}",
        "/v1/messages | CHAT",
        "/tokenize | {\"model\": \"bard/llama\", \"prompt\": \"Speak.\"}",
        "/api/v1/answer | {\"model\": \"bard/llama\", \"question\": \"Who?\", \"context\":"
            + " \"Romeo.\", \"max_tokens\": 3}",
        "/v1/embeddings | {\"model\": \"demo/vectors\", \"input\": \"7 8\"}",
        "/api/v1/models/demo/vectors/embed | {\"texts\": [\"7 8\"]}",
      })
  void headersAndLots_decideForEveryVerb(String path, String named) throws Exception {
    String body = named.equals("CHAT") ? CHAT : named.equals("PROMPT") ? PROMPT : named;
    String model = path.contains("embed") ? VECTORS : MODEL;
    assertThat(version(post(path, body))).isEqualTo("v1");
    canary(model, "v2", "\"percent\": 40, \"header\": {\"name\": \"x-beta\", \"value\": \"yes\"}");
    assertThat(version(post(path, body, "Lathe-Variant", "canary"))).isEqualTo("v2");
    assertThat(version(post(path, body, "Lathe-Variant", "live", "x-beta", "yes"))).isEqualTo("v1");
    assertThat(version(post(path, body, "x-beta", "yes"))).isEqualTo("v2");
    assertThat(post(path, body, "Lathe-Variant", "other").statusCode()).isEqualTo(400);
    List<String> callers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      callers.add(version(post(path, body, "Lathe-Caller", "caller " + i)));
    }
    assertThat(new HashSet<>(callers)).isEqualTo(Set.of("v1", "v2"));
    for (int i = 0; i < 12; i++) {
      assertThat(version(post(path, body, "Lathe-Caller", "caller " + i)))
          .as("the same caller has the same version")
          .isEqualTo(callers.get(i));
    }
    JsonNode figures = trial(model).at("/canary/figures/answered");
    assertThat(figures.intValue()).isEqualTo(path.equals("/tokenize") ? 0 : answers(callers));
  }

  /** Those by headers, and those by lots, twice. */
  private static int answers(List<String> callers) {
    return 2 + 2 * (int) callers.stream().filter("v2"::equals).count();
  }

  @Test
  void stream_saysItsVersion_andItsTimesCount() throws Exception {
    canary(MODEL, "v2", "\"percent\": 100");
    String body = PROMPT.replace("\"max_tokens\": 3", "\"max_tokens\": 8, \"stream\": true");
    HttpResponse<String> answer = post("/v1/completions", body);
    assertThat(version(answer)).isEqualTo("v2");
    assertThat(answer.body()).endsWith("data: [DONE]\n\n").contains("bard/llama@v2");
    assertThat(trial(MODEL).at("/canary/figures/answered").intValue()).isEqualTo(1);
    assertThat(trial(MODEL).at("/canary/figures/median_millis").doubleValue()).isPositive();
  }

  @Test
  void canaryThatRefusesWhatTheLiveVersionTakes_isTakenOut() throws Exception {
    canary(MODEL, "v3", "\"percent\": 50");
    String wrong = CHAT.replace("\"max_tokens\": 3", "\"max_tokens\": -3");
    for (int i = 0; i < 60; i++) {
      assertThat(post("/v1/chat/completions", wrong, "X-Request-Id", "w" + i).statusCode())
          .isEqualTo(400);
    }
    assertThat(trial(MODEL).at("/canary/figures/failed").intValue())
        .as("what no version takes is nobody's fault")
        .isZero();
    for (int i = 0; i < 60; i++) {
      post("/v1/chat/completions", CHAT, "X-Request-Id", "c" + i);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!trial(MODEL).at("/canary/state").asString().equals("rolled_back")
        && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    assertThat(trial(MODEL).at("/canary/reason").asString()).startsWith("error_rate: ");
    for (int i = 0; i < 20; i++) {
      assertThat(version(post("/v1/chat/completions", CHAT, "X-Request-Id", "a" + i)))
          .isEqualTo("v1");
    }
  }

  @Test
  void shadowOfATextModel_isRefused() throws Exception {
    HttpResponse<String> answer =
        post(
            MODEL + "/deployments",
            "{\"version\": \"v2\", \"environment\": \"prod\", \"as\": \"shadow\"}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("shadow: bard/llama@v2 makes text");
  }
}
