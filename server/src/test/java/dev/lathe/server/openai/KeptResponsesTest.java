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
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
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

  private static String keep(KeptResponses kept, String previous, List<JsonNode> input) {
    String id = kept.newId();
    ObjectNode response = JsonMapper.shared().createObjectNode().put("id", id);
    response.put("previous_response_id", previous);
    assertThat(kept.keep(Caller.ANYBODY, new KeptResponses.Kept(response, input))).isTrue();
    return id;
  }

  private static OpenAiConfig.Responses limits(int count, long bytes) {
    return new OpenAiConfig.Responses(count, bytes, Duration.ofHours(1));
  }

  @Test
  void oldestGo_whenThereAreTooMany_andAllGoWithTime(@TempDir Path root) throws Exception {
    Instant[] now = {Instant.parse("2026-11-01T00:00:00Z")};
    try (KeptResponses kept = new KeptResponses(root, limits(3, 1 << 30), () -> now[0])) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        now[0] = now[0].plusMillis(1);
        ids.add(keep(kept, "", List.of()));
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
      assertThat(files(root)).hasSize(3);
    }
    Path folder = files(root).getFirst().getParent();
    Path half = Files.writeString(folder.resolve("resp_" + "0".repeat(32) + ".json.new"), "{");
    Path written = Files.writeString(folder.resolve("resp_" + "1".repeat(32) + ".json.new"), "{");
    Files.setLastModifiedTime(half, FileTime.from(now[0].minus(Duration.ofHours(2))));
    Files.setLastModifiedTime(written, FileTime.from(now[0]));
    new KeptResponses(root, limits(3, 1 << 30), () -> now[0]).close();
    assertThat(files(root)).containsExactly(written);
  }

  private static List<Path> files(Path root) throws Exception {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void oldestMakeRoom_whenTheyAreTooLargeTogether(@TempDir Path root) {
    Instant[] now = {Instant.parse("2026-11-01T00:00:00Z")};
    try (KeptResponses kept = new KeptResponses(root, limits(100, 5000), () -> now[0])) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        now[0] = now[0].plusMillis(1);
        ids.add(keep(kept, "", List.of(message("user", "x".repeat(2000)))));
      }
      assertThat(ids.stream().filter(id -> kept.find(Caller.ANYBODY, id).isPresent()))
          .isEqualTo(ids.subList(2, 4));
      ObjectNode large = message("user", "x".repeat(5000)).put("id", kept.newId());
      assertThat(kept.keep(Caller.ANYBODY, new KeptResponses.Kept(large, List.of()))).isFalse();
    }
  }

  @Test
  void conversation_isCountedBeforeItIsRead(@TempDir Path root) {
    try (KeptResponses kept =
        new KeptResponses(root, limits(100_000, 1 << 30), Clock.systemUTC())) {
      String last = "";
      for (int i = 0; i < 6; i++) {
        last = keep(kept, last, List.of(message("user", "x".repeat(3 << 20))));
      }
      String large = last;
      assertThatThrownBy(() -> KeptConversation.items(kept, Caller.ANYBODY, large))
          .hasMessageContaining("previous_response_id")
          .hasMessageContaining("16 MiB");
      List<JsonNode> many = Collections.nCopies(6000, message("user", "x"));
      String one = keep(kept, "", many);
      assertThat(KeptConversation.items(kept, Caller.ANYBODY, one)).hasSize(6000);
      String two = keep(kept, one, many);
      assertThatThrownBy(() -> KeptConversation.items(kept, Caller.ANYBODY, two))
          .hasMessageContaining("more than 10000 items");
      String next = "";
      for (int i = 0; i < 1001; i++) {
        next = keep(kept, next, List.of());
      }
      String long1001 = next;
      assertThatThrownBy(() -> KeptConversation.items(kept, Caller.ANYBODY, long1001))
          .hasMessageContaining("more than 1000 responses");
    }
  }

  @Test
  void whatCostsNothing_isNotKept() throws Exception {
    String junk = "x".repeat(1 << 20);
    String items =
        """
        [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "%1$s"},
         {"role": "user", "id": "%1$s", "more": "%1$s",
          "content": [{"type": "input_text", "text": "Speak", "more": "%1$s"}]}]
        """
            .formatted(junk);
    JsonNode made = ask(ci, items, "").json();
    assertThat(made.get("store").booleanValue()).isTrue();
    JsonNode input = ci.get(ALL + "/" + id(made) + "/input_items").json().get("data");
    assertThat(input).hasSize(1);
    assertThat(input.toString()).hasSizeLessThan(1000);
    assertThat(input.at("/0/content/0/text").stringValue()).isEqualTo("Speak");
    assertThat(ask(ci, "\"x\"", ", \"previous_response_id\": \"" + id(made) + "\"").status())
        .isEqualTo(200);
  }
}
