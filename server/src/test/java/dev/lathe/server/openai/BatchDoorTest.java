package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Batches on the wire, over a model that was really trained. */
@Timeout(120)
class BatchDoorTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static LatheServer server;
  private static RawHttp ci;
  private static RawHttp other;
  private static RawHttp elsewhere;

  @BeforeAll
  static void start(@TempDir Path data, @TempDir Path scratch) throws Exception {
    ShakespeareServer.publish(data);
    ShakespeareServer.publishVectors(data, scratch);
    server = LatheServer.start(ServerConfig.of(data, 0).with(RawHttp.KEYS));
    RawHttp nobody = new RawHttp(server, CLIENT, "");
    ci = nobody.as(data, "ci", "infer");
    other = nobody.as(data, "other", "infer");
    elsewhere = nobody.as(data, "elsewhere", "infer:other/*");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    CLIENT.close();
  }

  private static String line(String id, String url, String body) {
    return "{\"custom_id\": \"%s\", \"method\": \"POST\", \"url\": \"%s\", \"body\": %s}\n"
        .formatted(id, url, body);
  }

  private static String chat(String model, String more) {
    return "{\"model\": \"%s\", \"temperature\": 0, \"max_tokens\": 4, \"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]%s}"
        .formatted(model, more);
  }

  private static RawHttp.Answer make(RawHttp who, String endpoint, String file)
      throws IOException, InterruptedException {
    return who.post(
        "/v1/batches",
        "{\"endpoint\": \"%s\", \"input_file_id\": \"%s\", \"completion_window\": \"24h\"}"
            .formatted(endpoint, file));
  }

  private static String upload(RawHttp who, String lines) throws IOException, InterruptedException {
    return who.upload("batch", "in.jsonl", lines).json().get("id").stringValue();
  }

  private static JsonNode ended(RawHttp who, String id) throws IOException, InterruptedException {
    JsonNode batch = who.get("/v1/batches/" + id).json();
    while (List.of("validating", "in_progress", "finalizing", "cancelling")
        .contains(batch.get("status").stringValue())) {
      Thread.onSpinWait();
      batch = who.get("/v1/batches/" + id).json();
    }
    return batch;
  }

  private static JsonNode done(RawHttp who, String endpoint, String lines)
      throws IOException, InterruptedException {
    RawHttp.Answer made = make(who, endpoint, upload(who, lines));
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    assertThat(made.json().get("object").stringValue()).isEqualTo("batch");
    return ended(who, made.json().get("id").stringValue());
  }

  private static Map<String, JsonNode> lines(RawHttp who, JsonNode file)
      throws IOException, InterruptedException {
    Map<String, JsonNode> all = new HashMap<>();
    String text = who.get("/v1/files/" + file.stringValue() + "/content").text();
    for (String line : text.split("\n")) {
      JsonNode one = JsonMapper.shared().readTree(line);
      assertThat(all.put(one.get("custom_id").stringValue(), one)).isNull();
    }
    return all;
  }

  @Test
  void linesAreAnsweredAsRequestsAre() throws Exception {
    String good = chat("bard/llama", "");
    JsonNode alone = ci.post(CHAT, good).json();
    JsonNode batch =
        done(
            ci,
            CHAT,
            line("good", CHAT, good)
                + line("version", CHAT, chat("bard/llama@v1", ""))
                + line("unknown", CHAT, chat("bard/nobody", ""))
                + line("field", CHAT, chat("bard/llama", ", \"temprature\": 1")));
    assertThat(batch.get("status").stringValue()).as(batch.toString()).isEqualTo("completed");
    assertThat(batch.at("/request_counts/completed").intValue()).isEqualTo(2);
    assertThat(batch.at("/request_counts/failed").intValue()).isEqualTo(2);
    Map<String, JsonNode> answers = lines(ci, batch.get("output_file_id"));
    assertThat(answers.keySet()).containsExactlyInAnyOrder("good", "version");
    assertThat(answers.get("good").at("/response/body/choices")).isEqualTo(alone.get("choices"));
    Map<String, JsonNode> errors = lines(ci, batch.get("error_file_id"));
    assertThat(errors.get("unknown").at("/response/status_code").intValue()).isEqualTo(404);
    assertThat(errors.get("unknown").at("/response/body/error/code").stringValue())
        .isEqualTo("model_not_found");
    assertThat(errors.get("field").at("/response/status_code").intValue()).isEqualTo(400);
    assertThat(errors.get("field").at("/response/body/error/param").stringValue())
        .isEqualTo("temprature");
  }

  @Test
  void everyEndpoint_hasItsAnswers() throws Exception {
    Map<String, String> bodies =
        Map.of(
            "/v1/completions",
            "{\"model\": \"bard/llama\", \"prompt\": \"To be\", \"max_tokens\": 3}",
            "/v1/responses",
            "{\"model\": \"bard/llama\", \"input\": \"To be\", \"max_output_tokens\": 3}",
            "/v1/embeddings",
            "{\"model\": \"demo/vectors\", \"input\": [\"7 8\", \"9\"]}");
    for (Map.Entry<String, String> one : bodies.entrySet()) {
      JsonNode batch = done(ci, one.getKey(), line("a", one.getKey(), one.getValue()));
      assertThat(batch.at("/request_counts/completed").intValue())
          .as(batch.toString())
          .isEqualTo(1);
      JsonNode body = lines(ci, batch.get("output_file_id")).get("a").at("/response/body");
      String object = body.get("object").stringValue();
      assertThat(object).isIn("text_completion", "response", "list");
    }
  }

  @Test
  void batchesBelongToWhoMadeThem() throws Exception {
    String lines = line("a", CHAT, chat("bard/llama", ""));
    String file = upload(ci, lines);
    assertThat(make(other, CHAT, file).status()).isEqualTo(404);
    JsonNode batch = done(ci, CHAT, lines);
    String path = "/v1/batches/" + batch.get("id").stringValue();
    assertThat(other.get(path).status()).isEqualTo(404);
    assertThat(other.post(path + "/cancel", "").status()).isEqualTo(404);
    assertThat(other.get("/v1/batches").json().get("data")).isEmpty();
    assertThat(other.get("/v1/files/" + batch.get("output_file_id").stringValue()).status())
        .isEqualTo(404);
    assertThat(ci.get("/v1/batches?limit=1").json().get("data")).hasSize(1);
    RawHttp.Answer late = ci.post(path + "/cancel", "");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.message()).contains("completed cannot be cancelled");
  }

  @Test
  void modelThatTheCallerMayNotAsk_failsTheBatch() throws Exception {
    JsonNode batch = done(elsewhere, CHAT, line("a", CHAT, chat("bard/llama", "")));
    assertThat(batch.get("status").stringValue()).isEqualTo("failed");
    assertThat(batch.at("/errors/data/0/code").stringValue()).isEqualTo("invalid_model");
    assertThat(batch.at("/errors/data/0/message").stringValue())
        .contains("key:elsewhere may not infer bard/llama");
    assertThat(batch.at("/errors/data/0/line").intValue()).isEqualTo(1);
  }

  @Test
  void badOrders_areRefused() throws Exception {
    String file = upload(ci, line("a", CHAT, chat("bard/llama", "")));
    assertThat(make(ci, "/v1/models", file).json().at("/error/param").stringValue())
        .isEqualTo("endpoint");
    assertThat(make(ci, CHAT, "../../x").status()).isEqualTo(404);
    assertThat(make(ci, CHAT, "file-" + "0".repeat(32)).status()).isEqualTo(404);
    String vision = ci.upload("vision", "x", "y").json().get("id").stringValue();
    assertThat(make(ci, CHAT, vision).json().at("/error/param").stringValue())
        .isEqualTo("input_file_id");
    for (String body :
        List.of(
            "",
            "[]",
            "{}",
            "{\"endpoint\": 7}",
            "{\"endpoint\": \"/v1/embeddings\", \"input_file_id\": \"x\", \"completion_window\":"
                + " \"1h\"}")) {
      assertThat(ci.post("/v1/batches", body).status()).as(body).isEqualTo(400);
    }
    for (String id : List.of("batch_x", "..%2f..", "%2e%2e", "batch_" + "0".repeat(32))) {
      assertThat(ci.get("/v1/batches/" + id).status()).as(id).isIn(400, 404);
    }
    String gone = upload(ci, line("a", CHAT, chat("bard/llama", "")));
    ci.delete("/v1/files/" + gone);
    assertThat(make(ci, CHAT, gone).status()).isEqualTo(404);
  }

  @Test
  void cancelledBatch_letsItsLinesGo() throws Exception {
    String many =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    line(
                        "r" + i,
                        CHAT,
                        chat("bard/llama", ", \"ignore_eos\": true")
                            .replace("\"max_tokens\": 4", "\"max_tokens\": 100")))
            .collect(Collectors.joining());
    String id = make(ci, CHAT, upload(ci, many)).json().get("id").stringValue();
    JsonNode asked = ci.post("/v1/batches/" + id + "/cancel", "").json();
    assertThat(asked.get("status").stringValue()).isIn("cancelling", "cancelled");
    JsonNode batch = ended(ci, id);
    assertThat(batch.get("status").stringValue()).isEqualTo("cancelled");
    assertThat(batch.get("cancelled_at").isNumber()).isTrue();
    assertThat(batch.at("/request_counts/failed").intValue()).isZero();
  }
}
