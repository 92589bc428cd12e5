package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.server.LatheServer;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.access.Caller;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Responses that callers come back to, over a model that was really trained. */
@Timeout(120)
class KeptResponsesTest {
  private static final String ALL = "/v1/responses";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  @TempDir private static Path data;
  private static LatheServer server;
  private static RawHttp ci;
  private static RawHttp other;

  @BeforeAll
  static void start() throws Exception {
    ShakespeareServer.publish(data);
    server = LatheServer.start(ServerConfig.of(data, 0).with(RawHttp.KEYS));
    RawHttp nobody = new RawHttp(server, CLIENT, "");
    ci = nobody.as(data, "ci", "infer");
    other = nobody.as(data, "other", "infer");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    CLIENT.close();
  }

  private static RawHttp.Answer ask(RawHttp who, String input, String more) throws Exception {
    return who.post(
        ALL,
        "{\"model\": \"bard/llama\", \"temperature\": 0, \"max_output_tokens\": 5, \"input\": %s%s}"
            .formatted(input, more));
  }

  private static String id(JsonNode response) {
    return response.get("id").stringValue();
  }

  @Test
  void conversationGoesOn_asIfAllOfItHadBeenSent() throws Exception {
    JsonNode first = ask(ci, "\"Speak, Romeo.\"", "").json();
    assertThat(first.get("store").booleanValue()).isTrue();
    String after = ", \"previous_response_id\": \"" + id(first) + "\"";
    JsonNode second = ask(ci, "[{\"role\": \"user\", \"content\": \"More.\"}]", after).json();
    assertThat(second.get("previous_response_id").stringValue()).isEqualTo(id(first));
    String said = first.at("/output/0/content/0/text").stringValue();
    String whole =
        JsonMapper.shared()
            .createArrayNode()
            .add(message("user", "Speak, Romeo."))
            .add(message("assistant", said))
            .add(message("user", "More."))
            .toString();
    JsonNode sent = ask(ci, whole, ", \"store\": false").json();
    assertThat(sent.at("/usage/input_tokens")).isEqualTo(second.at("/usage/input_tokens"));
    assertThat(sent.at("/output/0/content/0/text"))
        .isEqualTo(second.at("/output/0/content/0/text"));
    JsonNode third =
        ask(ci, "\"And?\"", ", \"previous_response_id\": \"" + id(second) + "\"").json();
    assertThat(third.at("/usage/input_tokens").intValue())
        .isGreaterThan(second.at("/usage/input_tokens").intValue());
    assertThat(ci.delete(ALL + "/" + id(first)).status()).isEqualTo(200);
    RawHttp.Answer broken =
        ask(ci, "\"And?\"", ", \"previous_response_id\": \"" + id(third) + "\"");
    assertThat(broken.status()).isEqualTo(400);
    assertThat(broken.message()).contains("which it follows, is not kept any more");
  }

  private static ObjectNode message(String role, String text) {
    return JsonMapper.shared().createObjectNode().put("role", role).put("content", text);
  }

  @Test
  void keptResponse_isReadWithItsInputAndForgotten() throws Exception {
    String items =
        "[{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"},"
            + " {\"role\": \"user\", \"content\": [{\"type\": \"input_text\", \"text\": \"c\"}]}]";
    JsonNode made = ask(ci, items, ", \"metadata\": {\"why\": \"a test\"}").json();
    String path = ALL + "/" + id(made);
    assertThat(ci.get(path).json().get("output")).isEqualTo(made.get("output"));
    assertThat(ci.get(path).json().at("/metadata/why").stringValue()).isEqualTo("a test");
    JsonNode input = ci.get(path + "/input_items?order=asc").json();
    assertThat(input.get("data")).hasSize(3);
    assertThat(input.at("/data/0/content/0/type").stringValue()).isEqualTo("input_text");
    assertThat(input.at("/data/1/content/0/type").stringValue()).isEqualTo("output_text");
    String last = input.at("/data/1/id").stringValue();
    assertThat(ci.get(path + "/input_items?order=asc&after=" + last).json().get("data")).hasSize(1);
    assertThat(other.get(path).status()).isEqualTo(404);
    assertThat(other.get(path + "/input_items").status()).isEqualTo(404);
    assertThat(other.delete(path).status()).isEqualTo(404);
    assertThat(ask(other, "\"x\"", ", \"previous_response_id\": \"" + id(made) + "\"").status())
        .isEqualTo(400);
    assertThat(ci.delete(path).json().get("deleted").booleanValue()).isTrue();
    assertThat(ci.get(path).status()).isEqualTo(404);
    assertThat(ci.get(path).message()).contains("not found");
    for (String odd : List.of("..%2f..%2faccess", "%2e%2e", "resp_x", "x".repeat(3000))) {
      assertThat(ci.get(ALL + "/" + odd).status()).as(odd).isIn(400, 404);
      assertThat(ask(ci, "\"x\"", ", \"previous_response_id\": \"" + odd + "\"").status())
          .isEqualTo(400);
    }
  }

  @Test
  void nothingIsKept_whereTheCallerDoesNotWantIt() throws Exception {
    long before = stored();
    JsonNode made = ask(ci, "\"Hush\"", ", \"store\": false").json();
    assertThat(made.get("store").booleanValue()).isFalse();
    assertThat(stored()).isEqualTo(before);
    assertThat(ci.get(ALL + "/" + id(made)).status()).isEqualTo(404);
  }

  private static long stored() throws Exception {
    if (!Files.exists(data.resolve("responses"))) {
      return 0;
    }
    try (Stream<Path> all = Files.walk(data.resolve("responses"))) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void streamedResponse_isKeptWhenItsEndIsTold() throws Exception {
    String events = ask(ci, "\"Speak\"", ", \"stream\": true").text();
    String last =
        events
            .lines()
            .filter(line -> line.startsWith("data: {\"type\":\"response.incomplete\""))
            .findFirst()
            .orElseThrow()
            .substring("data: ".length());
    JsonNode told = JsonMapper.shared().readTree(last).get("response");
    assertThat(ci.get(ALL + "/" + id(told)).json()).isEqualTo(told);
  }

  @Test
  void oldestGo_whenThereAreTooMany_andAllGoWithTime(@TempDir Path root) {
    Instant[] now = {Instant.parse("2026-11-01T00:00:00Z")};
    KeptResponses kept =
        new KeptResponses(root, new OpenAiConfig.Responses(3, Duration.ofHours(1)), () -> now[0]);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      now[0] = now[0].plusMillis(1);
      ids.add(kept.newId());
      ObjectNode response = JsonMapper.shared().createObjectNode().put("id", ids.get(i));
      assertThat(kept.keep(Caller.ANYBODY, new KeptResponses.Kept(response, List.of()))).isTrue();
    }
    assertThat(ids.stream().filter(id -> kept.find(Caller.ANYBODY, id).isPresent()))
        .isEqualTo(ids.subList(2, 5));
    ObjectNode large =
        JsonMapper.shared()
            .createObjectNode()
            .put("id", kept.newId())
            .put("x", "y".repeat(5 << 20));
    assertThat(kept.keep(Caller.ANYBODY, new KeptResponses.Kept(large, List.of()))).isFalse();
    now[0] = now[0].plus(Duration.ofHours(2));
    assertThatThrownBy(() -> kept.need(Caller.ANYBODY, ids.getLast())).hasMessageContaining("id");
  }
}
