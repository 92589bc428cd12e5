package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Triton's extensions beside inference itself. */
class ExtensionDoorTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String QUESTION =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}";
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/adding", Models.adding(1));
      registry.deploy(ModelName.parse("demo/adding"), "v1", "prod");
      Models.publish(registry, "demo/other", Models.adding(1));
      registry.deploy(ModelName.parse("demo/other"), "v1", "prod");
      Models.publish(registry, "default/idle", Models.identity(ElementType.STRING));
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
    CLIENT.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo/adding", "demo%2Fadding/versions/1"})
  void config_saysWhatTheModelTakes_withoutTheBatch(String model) throws Exception {
    String config = get("/v2/models/" + model + "/config").body();
    assertThat(config)
        .startsWith("{\"name\":\"demo/adding\",\"platform\":\"onnxruntime_onnx\"")
        .contains("\"version_policy\":{\"specific\":{\"versions\":[1]}}")
        .contains("\"max_batch_size\":64")
        .contains(
            "\"input\":[{\"name\":\"x\",\"data_type\":\"TYPE_FP32\",\"format\":\"FORMAT_NONE\","
                + "\"dims\":[2],\"optional\":false}]")
        .contains("{\"name\":\"y\",\"data_type\":\"TYPE_FP32\",\"dims\":[2]}")
        .contains("\"max_queue_size\":256")
        .contains("\"intra_op_thread_count\":{\"string_value\":\"1\"}");
  }

  @Test
  void statistics_countWhatWasAsked() throws Exception {
    post("/v2/models/demo/adding/infer", QUESTION);
    for (String path :
        new String[] {"/demo/adding/stats", "/demo%2Fadding/versions/v1/stats", "/stats"}) {
      assertThat(get("/v2/models" + path).body())
          .as(path)
          .contains("{\"model_stats\":[{\"name\":\"demo/adding\",\"version\":\"v1\"")
          .containsPattern("\"inference_count\":[1-9]")
          .containsPattern("\"success\":\\{\"count\":[1-9][0-9]*,\"ns\":[1-9]")
          .containsPattern("\"batch_stats\":\\[\\{\"batch_size\":1,");
    }
    assertThat(get("/v2/models/demo/nothing/stats").statusCode()).isEqualTo(404);
    assertThat(get("/v2/models/demo/adding/versions/x/stats").statusCode()).isEqualTo(400);
    assertThat(get("/v2/models/demo/adding/versions/9/stats").body())
        .isEqualTo("{\"model_stats\":[]}");
  }

  @Test
  void index_listsWhatAnswers_andOnlyThatWhereAsked() throws Exception {
    get("/v2/models/demo/adding/ready");
    String adding =
        "{\"name\":\"demo/adding\",\"version\":\"v1\",\"state\":\"READY\",\"reason\":\"\"}";
    String idle = "{\"name\":\"idle\",\"state\":\"UNAVAILABLE\",\"reason\":\"not loaded\"}";
    assertThat(post("/v2/repository/index", "").body()).contains(adding).endsWith("," + idle + "]");
    assertThat(post("/v2/repository/lathe/index", "{\"ready\":true}").body())
        .startsWith("[" + adding)
        .doesNotContain("idle");
    assertThat(post("/v2/repository/index", "{\"ready\":1}").statusCode()).isEqualTo(400);
    assertThat(post("/v2/repository/index", "[").statusCode()).isEqualTo(400);
    assertThat(post("/v2/repository/index", "{\"ready\":true,\"ready\":false}").statusCode())
        .isEqualTo(400);
  }

  @Test
  void load_returnsWhenTheModelAnswers_orSaysWhyNot() throws Exception {
    HttpResponse<String> loaded = post("/v2/repository/models/demo%2Fadding/load", "{}");
    assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
    HttpResponse<String> unknown = post("/v2/repository/models/nothing/load", "");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("failed to load").contains("no such model");
    HttpResponse<String> filed =
        post(
            "/v2/repository/models/demo/adding/load",
            "{\"parameters\":{\"config\":\"{}\",\"file:1/model.onnx\":\"AAAA\"}}");
    assertThat(filed.statusCode()).isEqualTo(501);
    assertThat(error(filed))
        .startsWith(
            "failed to load \"demo/adding\": failed to poll from model repository: parameter");
  }

  @Test
  void loadWithAConfiguration_changesHowTheModelIsServed_untilTheNextLoad() throws Exception {
    assertThat(configure("{\"max_batch_size\":\"16\"}").statusCode()).isEqualTo(200);
    assertThat(get("/v2/models/demo/adding/config").body()).contains("\"max_batch_size\":16,");
    HttpResponse<String> wrong = configure("{\"input\":[]}");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(error(wrong)).startsWith("failed to load \"demo/adding\": config: key \"input\"");
    assertThat(get("/v2/models/demo/adding/config").body()).contains("\"max_batch_size\":16,");
    assertThat(post("/v2/repository/models/demo/adding/load", "").statusCode()).isEqualTo(200);
    assertThat(get("/v2/models/demo/adding/config").body()).contains("\"max_batch_size\":64,");
  }

  private static HttpResponse<String> configure(String config) throws Exception {
    String text = JsonMapper.shared().writeValueAsString(config);
    return post(
        "/v2/repository/models/demo/adding/load", "{\"parameters\":{\"config\":" + text + "}}");
  }

  private static String error(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body()).get("error").stringValue();
  }

  @Test
  void unload_letsTheModelGo_untilItIsLoadedAgain() throws Exception {
    String other = "/v2/repository/models/demo%2Fother/";
    assertThat(post(other + "load", "").statusCode()).isEqualTo(200);
    HttpResponse<String> gone =
        post(other + "unload", "{\"parameters\":{\"unload_dependents\":false}}");
    assertThat(gone.statusCode()).as(gone.body()).isEqualTo(200);
    assertThat(get("/v2/models/demo/other/ready").statusCode()).isNotEqualTo(200);
    assertThat(post("/v2/models/demo/other/infer", QUESTION).statusCode()).isNotEqualTo(200);
    assertThat(post("/v2/repository/index", "").body())
        .contains("{\"name\":\"demo/other\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}");
    assertThat(post(other + "load", "{}").statusCode()).isEqualTo(200);
    assertThat(post("/v2/models/demo/other/infer", QUESTION).statusCode()).isEqualTo(200);
    HttpResponse<String> unknown = post("/v2/repository/models/nothing/unload", "");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("failed to unload");
  }

  @Test
  void logging_isShownAndChanged() throws Exception {
    assertThat(get("/v2/logging").body()).contains("\"log_info\":true");
    assertThat(post("/v2/logging", "{\"log_verbose_level\":1}").body())
        .contains("\"log_verbose_level\":1");
    post("/v2/logging", "{\"log_verbose_level\":0}");
    assertThat(post("/v2/logging", "{\"log_file\":\"/etc/passwd\"}").statusCode()).isEqualTo(400);
    assertThat(post("/v2/logging", "{\"log_info\":[]}").statusCode()).isEqualTo(400);
  }

  @Test
  void tracing_isSetForAllModelsAndForOne() throws Exception {
    assertThat(post("/v2/models/demo/adding/trace/setting", "{\"trace_rate\":\"7\"}").body())
        .contains("\"trace_rate\":\"7\"");
    assertThat(get("/v2/models/demo%2Fadding/trace/setting").body())
        .contains("\"trace_rate\":\"7\"")
        .contains("\"trace_level\":[\"OFF\"]");
    assertThat(get("/v2/trace/setting").body()).contains("\"trace_rate\":\"1000\"");
    assertThat(post("/v2/models/demo/adding/trace/setting", "{\"trace_rate\":null}").body())
        .contains("\"trace_rate\":\"1000\"");
    assertThat(post("/v2/trace/setting", "{\"trace_level\":[\"ALL\"]}").statusCode())
        .isEqualTo(400);
    assertThat(get("/v2/models/nothing/trace/setting").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v2/systemsharedmemory/status",
    "GET, /v2/systemsharedmemory/region/a/status",
    "POST, /v2/systemsharedmemory/region/a/register",
    "POST, /v2/systemsharedmemory/region/a/unregister",
    "POST, /v2/cudasharedmemory/unregister",
    "POST, /v2/cudasharedmemory/region/a/register"
  })
  void sharedMemory_isRefusedWithAReason(String method, String path) throws Exception {
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(uri(path)).method(method, body("{}")).build());
    assertThat(answer.statusCode()).isEqualTo(501);
    assertThat(answer.body()).contains("shared memory is not offered, since");
  }

  @Test
  void sharedMemoryInARequest_isRefusedWithAReason() throws Exception {
    String input =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"parameters\":"
            + "{\"shared_memory_region\":\"a\",\"shared_memory_byte_size\":8}}]}";
    assertThat(post("/v2/models/demo/adding/infer", input).statusCode()).isEqualTo(501);
    String output =
        QUESTION.replace(
            "}]}",
            "}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"shared_memory_region\":\"a\"}}]}");
    assertThat(post("/v2/models/demo/adding/infer", output).statusCode()).isEqualTo(501);
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate", "generate_stream", "versions/v1/generate"})
  void generating_isRefusedByAModelThatDoesNot(String path) throws Exception {
    HttpResponse<String> answer = post("/v2/models/demo/adding/" + path, "{\"text_input\":\"a\"}");
    assertThat(answer.statusCode()).isEqualTo(501);
    assertThat(answer.body()).contains("does not generate");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"priority\":1|200|",
        "\"priority\":-1|400|priority",
        "\"priority\":4294967296|400|priority",
        "\"timeout\":9223372036854775807|200|",
        "\"timeout\":18446744073709551615|400|timeout",
        "\"free\":{\"a\":[1,null]},\"other\":1.5|200|",
        "\"headers\":1|400|reserves that name",
        "\"triton_new\":1|400|reserves that name",
        "\"triton_enable_empty_final_response\":true|200|",
        "\"binary_data_output\":\"yes\"|400|binary_data_output",
        "\"sequence_start\":true|400|no sequence_id",
        "\"sequence_id\":1.5|400|sequence_id",
        "\"sequence_id\":18446744073709551616|400|sequence_id",
        "\"timeout\":1,\"timeout\":2|400|twice"
      })
  void parameters_reservedHaveTheirMeaning_othersAreFree(String text, int status, String message)
      throws Exception {
    String body = QUESTION.replace("{\"inputs\"", "{\"parameters\":{" + text + "},\"inputs\"");
    HttpResponse<String> answer = post("/v2/models/demo/adding/infer", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(message == null ? "" : message);
  }

  private static URI uri(String path) {
    return URI.create(server.address() + path);
  }

  private static HttpRequest.BodyPublisher body(String text) {
    return HttpRequest.BodyPublishers.ofString(text);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private static HttpResponse<String> post(String path, String text) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).POST(body(text)).build());
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
