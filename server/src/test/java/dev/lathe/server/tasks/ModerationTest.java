package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.server.ConfigSources;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.tasks.WordModels.Form;
import dev.lathe.server.tasks.WordModels.Sum;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Moderations over a classifier whose words say what it thinks. */
@Timeout(60)
class ModerationTest {
  private static final String CLASSES =
      "{\"id2label\": {\"0\": \"Not_Toxic\", \"1\": \"insult\", \"2\": \"threat\"},"
          + " \"problem_type\": \"%s\"}";

  @TempDir private static Path data;
  private static LatheServer named;
  private static LatheServer nameless;

  private static ServerConfig config(String... flags) {
    Map<String, String> given = new HashMap<>(Map.of("listen.port", "0"));
    for (int i = 0; i < flags.length; i += 2) {
      given.put(flags[i], flags[i + 1]);
    }
    return ServerConfig.read(data, new ConfigSources(Path.of(""), Map.of(), given));
  }

  @BeforeAll
  static void start() throws IOException {
    try (Lathe lathe = Lathe.open(data)) {
      for (String type :
          new String[] {"single_label_classification", "multi_label_classification"}) {
        Path folder =
            WordModels.words(
                data.resolve("folders").resolve(type),
                CLASSES.formatted(type),
                new Form("logits", 3, Sum.TEXT),
                word ->
                    switch (word) {
                      case "bad" -> new float[] {-6, 3, 0};
                      case "good" -> new float[] {6, -3, -3};
                      default -> new float[3];
                    });
        String name = "demo/" + type.substring(0, type.indexOf('_'));
        lathe.release(name, folder, "");
        lathe.deploy(name, "v1", "prod");
      }
    }
    named = LatheServer.start(config("openai.moderation.model", "demo/multi"));
    nameless =
        LatheServer.start(
            config("openai.moderation.harmless", "insult", "openai.moderation.threshold", "0.9"));
  }

  @AfterAll
  static void stop() {
    named.close();
    nameless.close();
  }

  private static JsonNode post(LatheServer server, int status, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.address().resolve("/v1/moderations"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
      return JsonMapper.shared().readTree(answer.body());
    }
  }

  @Test
  void labelsAreTheCategories_andHarmlessOnesFlagNothing() throws Exception {
    JsonNode answer =
        post(
            named,
            200,
            "{\"input\": [\"bad bad\", \"good\", {\"type\": \"text\", \"text\": \"sky\"}]}");
    assertThat(answer.get("model").stringValue()).isEqualTo("demo/multi");
    assertThat(answer.get("results")).hasSize(3);
    JsonNode bad = answer.at("/results/0");
    assertThat(bad.get("flagged").booleanValue()).isTrue();
    assertThat(bad.at("/categories/insult").booleanValue()).isTrue();
    assertThat(bad.at("/categories/threat").booleanValue()).isFalse();
    assertThat(bad.at("/category_scores/insult").doubleValue())
        .isCloseTo(1 / (1 + Math.exp(-6)), within(1e-6));
    JsonNode good = answer.at("/results/1");
    assertThat(good.at("/category_scores/Not_Toxic").doubleValue()).isGreaterThan(0.99);
    assertThat(good.at("/categories/Not_Toxic").booleanValue()).isFalse();
    assertThat(good.get("flagged").booleanValue()).isFalse();
    // 0.5 is not above the threshold.
    assertThat(answer.at("/results/2/flagged").booleanValue()).isFalse();
  }

  @Test
  void modelAndRule_areThoseThatAreAskedAndConfigured() throws Exception {
    JsonNode one = post(named, 200, "{\"model\": \"omni-moderation-latest\", \"input\": \"bad\"}");
    assertThat(one.get("model").stringValue()).isEqualTo("demo/multi");
    JsonNode other = post(named, 200, "{\"model\": \"demo/single@v1\", \"input\": \"bad\"}");
    assertThat(other.get("model").stringValue()).isEqualTo("demo/single@v1");
    assertThat(other.at("/results/0/flagged").booleanValue()).isTrue();
    JsonNode lenient =
        post(nameless, 200, "{\"model\": \"demo/single\", \"input\": \"bad bad bad\"}");
    assertThat(lenient.at("/results/0/category_scores/insult").doubleValue()).isGreaterThan(0.9);
    assertThat(lenient.at("/results/0/flagged").booleanValue()).isFalse();
    JsonNode none = post(nameless, 404, "{\"input\": \"bad\"}");
    assertThat(none.at("/error/message").stringValue()).contains("openai.moderation.model");
    assertThat(none.at("/error/code").stringValue()).isEqualTo("model_not_found");
  }

  @Test
  void badInput_isRefusedByName() throws Exception {
    for (String input :
        new String[] {
          "7",
          "[]",
          "[7]",
          "null",
          "[{\"type\": \"image_url\", \"image_url\": {\"url\": \"http://x\"}}]",
          "[" + "\"a\",".repeat(600) + "\"b\"]"
        }) {
      JsonNode refused = post(named, 400, "{\"input\": " + input + "}");
      assertThat(refused.at("/error/param").stringValue()).startsWith("input");
    }
    assertThat(post(named, 404, "{\"model\": \"demo/nobody\", \"input\": \"a\"}").has("error"))
        .isTrue();
    post(named, 400, "{\"input\": \"a\", \"color\": 1}");
  }
}
