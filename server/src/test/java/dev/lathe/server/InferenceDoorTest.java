package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceDoorTest {
  private static final String ADDING = "/v2/models/demo/adding";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static LatheServer server;
  private static Registry registry;

  @BeforeAll
  static void start(@TempDir Path data) {
    registry = Registry.open(data.resolve("registry"));
    publish("demo/adding", 1);
    publish("demo/adding", 2);
    deploy("demo/adding", "v1", "prod");
    deploy("demo/adding", "v2", "staging");
    for (ElementType type :
        new ElementType[] {
          ElementType.FLOAT,
          ElementType.DOUBLE,
          ElementType.FLOAT16,
          ElementType.INT8,
          ElementType.INT16,
          ElementType.INT32,
          ElementType.INT64,
          ElementType.UINT8,
          ElementType.UINT16,
          ElementType.UINT32,
          ElementType.UINT64,
          ElementType.BOOL,
          ElementType.STRING
        }) {
      String name = "types/" + type.name();
      Models.publish(registry, name, Models.identity(type));
      deploy(name, "v1", "prod");
    }
    ServerConfig.Limits usual = ServerConfig.Limits.defaults();
    server =
        LatheServer.start(
            ServerConfig.of(data, 0)
                .with(
                    new ServerConfig.Limits(
                        1 << 20,
                        usual.queueCapacity(),
                        usual.maxBatchRows(),
                        usual.maxDelay(),
                        usual.timeout(),
                        usual.maxConnections(),
                        1,
                        usual.memoryBytes(),
                        usual.adapters(),
                        usual.maxPerAddress(),
                        usual.maxBodies())));
  }

  @AfterAll
  static void stop() {
    server.close();
    registry.close();
    CLIENT.close();
  }

  @Test
  void serverMetadata_listExtensionsThatWork() throws Exception {
    assertThat(get("/v2").body())
        .contains("\"name\":\"lathe\"")
        .contains("\"version\":\"" + Tool.VERSION + "\"")
        .contains("\"extensions\":[\"binary_tensor_data\",\"classification\",");
    assertThat(get("/v2/health/live").body()).isEqualTo("{\"live\":true}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/models/demo/adding",
        "/v2/models/demo%2Fadding",
        "/v2/models/demo%2fadding",
        "/v2/models/demo/adding/versions/v1",
        "/v2/models/demo%2Fadding/versions/1"
      })
  void modelMetadata_answerUnderEveryFormOfTheName(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"name\":\"demo/adding\"")
        .contains("\"versions\":[\"v2\",\"v1\"]")
        .contains("\"platform\":\"onnx_onnxv1\"")
        .contains("\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,2]}]");
    assertThat(get(path + "/ready").body())
        .contains("\"name\":\"demo/adding\"")
        .contains("\"ready\":true");
  }

  @ParameterizedTest
  @CsvSource({
    "/infer, v1, '[2.0,3.0]'",
    "/versions/v1/infer, v1, '[2.0,3.0]'",
    "/versions/2/infer, v2, '[3.0,4.0]'",
    "/infer?environment=staging, v2, '[3.0,4.0]'"
  })
  void versionAsked_isTheOneThatAnswers(String path, String version, String sums) throws Exception {
    for (String name : new String[] {ADDING, "/v2/models/demo%2Fadding"}) {
      HttpResponse<String> answer = post(name + path, adding("[1, 2]"));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body())
          .startsWith("{\"model_name\":\"demo/adding\",\"model_version\":\"" + version + "\"")
          .contains("{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":" + sums + "}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FLOAT|6|FP32|[[0.1, -0.0, 3.4028235e38, 1e-45, 16777217, 2]]"
            + "|0.1,-0.0,3.4028235E38,1.4E-45,1.6777216E7,2.0",
        "DOUBLE|4|FP64|[[0.1, 4.9e-324, 1.7976931348623157e308, 9007199254740993]]"
            + "|0.1,4.9E-324,1.7976931348623157E308,9.007199254740992E15",
        "FLOAT16|4|FP16|[[0.1, 65504, 5.9604645e-8, -2]]|0.099975586,65504.0,5.9604645E-8,-2.0",
        "INT8|3|INT8|[-128, 127, 0]|-128,127,0",
        "INT16|2|INT16|[-32768, 32767]|-32768,32767",
        "INT32|2|INT32|[-2147483648, 2147483647]|-2147483648,2147483647",
        "INT64|3|INT64|[-9223372036854775808, 9223372036854775807, 9007199254740993]"
            + "|-9223372036854775808,9223372036854775807,9007199254740993",
        "UINT8|2|UINT8|[0, 255]|0,255",
        "UINT16|2|UINT16|[0, 65535]|0,65535",
        "UINT32|2|UINT32|[0, 4294967295]|0,4294967295",
        "UINT64|3|UINT64|[0, 18446744073709551615, 9223372036854775808]"
            + "|0,18446744073709551615,9223372036854775808",
        "BOOL|4|BOOL|[true, false, 1, 0]|true,false,true,false",
        "STRING|3|BYTES|[\"a\", \"\\\"\\u00e9\\n\\\\\", \"\"]|\"a\",\"\\\"é\\n\\\\\",\"\""
      })
  void everyDatatype_goesThroughExactly(
      String type, int count, String datatype, String data, String out) throws Exception {
    String tensor =
        "{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"%s\",\"data\":%s}"
            .formatted(count, datatype, data);
    HttpResponse<String> answer =
        post("/v2/models/types/" + type + "/infer", "{\"inputs\":[" + tensor + "]}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"datatype\":\"" + datatype + "\"");
    assertThat(answer.body()).endsWith("\"data\":[" + out + "]}]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT8|[128]|128 at element 0 (expected: an integer from -128 to 127 for datatype INT8)",
        "INT8|[1, 1.5]|1.5 at element 1",
        "UINT8|[-1]|-1 at element 0 (expected: an integer from 0 to 255",
        "INT64|[9223372036854775808]|(expected: an integer from -9223372036854775808",
        "UINT64|[18446744073709551616]|18446744073709551615 for datatype UINT64)",
        "UINT64|[-1]|-1 at element 0",
        "FP32|[1e39]|(expected: a number within FP32's range",
        "FP32|[\"NaN\"]|\"NaN\" at element 0 (expected: a number for datatype FP32)",
        "FP32|[null]|null at element 0",
        "FP32|[true]|true at element 0",
        "FP32|[{}]|(expected: a number",
        "FP64|[1e400]|(expected: a number within FP64's range",
        "FP16|[65520]|(expected: a number within FP16's range",
        "BOOL|[2]|2 at element 0",
        "BYTES|[1]|1 at element 0 (expected: a string",
        "FP99|[1]|datatype \"FP99\" (expected: one of [BOOL,",
        "FP32|[NaN]|NaN at element 0 (expected: a number for datatype FP32)",
        "FP32|[01]|01 at element 0 (expected: a number as JSON has it"
      })
  void valuesOutsideTheirType_areRefusedByNameAndPlace(String datatype, String data, String text)
      throws Exception {
    String type = datatype.startsWith("FP") ? "FLOAT" : datatype.replace("BYTES", "STRING");
    HttpResponse<String> answer =
        post(
            "/v2/models/types/" + type + "/infer",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"%s\",\"data\":%s}]}"
                .formatted(datatype, data));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(error(answer)).contains(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[2,2]|[[1,2],[3,4]]|200|",
        "[2,2]|[1,2,3,4]|200|",
        "[0,2]|[]|200|",
        "[2,2]|[[1,2],[3]]|400|ragged: an array of 1 at depth 1 (expected: 2",
        "[2,2]|[[1,2],3]|400|a value at depth 0 (expected: an array",
        "[2,2]|[1,[2,3]]|400|an array at depth 1 (expected: a value",
        "[1,2]|[[1,2],[3,4]]|400|4 elements (expected: 2, for shape [1, 2])",
        "[1,2]|[[1],[2]]|400|nested as [2, 1] (expected: [1, 2], or one flat array)",
        "[1,3]|[1,2,3]|400|input \"x\": shape [1, 3] (expected: [-1, 2])",
        "[2]|[1,2]|400|input \"x\": shape [2] (expected: [-1, 2])",
        "[-1,2]|[1,2]|400|negative",
        "[1.5,2]|[1,2]|400|(expected: integers)",
        "[1099511627776,1099511627776]|[1,2]|400|overflows",
        "[1099511627776,2]|[1,2]|400|2 elements (expected: 2199023255552",
        "[99999999999999999999,2]|[1,2]|400|",
        "[1,2]|5|400|\"data\": a number (expected: an array)"
      })
  void shapeAndNesting_mustAgree(String shape, String data, int status, String text)
      throws Exception {
    HttpResponse<String> answer =
        post(
            ADDING + "/infer",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":%s}]}"
                .formatted(shape, data));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(text == null ? "" : text.replace("\"", "\\\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|the body: nothing (expected: an object)",
        "[]|the body: an array (expected: an object)",
        "{|ends too early",
        "{\"inputs\":[]}|input \"x\": missing",
        "{}|\"inputs\": missing",
        "{\"inputs\":{}}|\"inputs\": an object (expected: an array)",
        "{\"inputs\":[1]}|(expected: an object for each tensor)",
        "{\"inputs\":[{}]}|an input has no \"name\"",
        "{\"inputs\":[{\"name\":\"x\"}]}|input \"x\": \"shape\" is missing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\"}]}"
            + "|input \"x\": \"data\" is missing",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"data\":[1,2]}]}"
            + "|input \"x\": \"datatype\" is missing",
        "{\"inputs\":[X,X]}|input \"x\": given twice",
        "{\"inputs\":[X,{\"name\":\"w\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}"
            + "|input \"w\": the model has none of that name",
        "{\"inputs\":[X],\"outputs\":[{\"name\":\"q\"}]}|output \"q\": the model has none",
        "{\"inputs\":[X],\"outputs\":[{\"name\":\"y\"},{\"name\":\"y\"}]}|asked for twice",
        "{\"inputs\":[X],\"outputs\":[{}]}|an output without a name",
        "{\"inputs\":[X],\"inputs\":[X]}|key \"inputs\" twice",
        "{\"inputs\":[X],\"id\":5}|\"id\": a number (expected: a string)",
        "{\"inputs\":[X],\"parameters\":{\"timeout\":\"soon\"}}|parameter \"timeout\"",
        "{\"inputs\":[X]} x|not valid JSON",
        "{\"inputs\":[X]}{}|goes on after its object",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[1,2]}]}"
            + "|input \"x\": datatype INT64 (expected: FP32)"
      })
  void malformedRequest_is400WithTheReason(String body, String text) throws Exception {
    String full = body == null ? "" : body.replace("X", tensor("[1, 2]"));
    HttpResponse<String> answer = post(ADDING + "/infer", full);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(error(answer)).contains(text);
  }

  @Test
  void keys_mayComeInAnyOrder() throws Exception {
    String body =
        "{\"outputs\":[{\"name\":\"y\",\"parameters\":{\"a\":[1]}}],\"inputs\":[{\"data\":[[0.25,"
            + " 1e2]],\"parameters\":{\"k\":{}},\"datatype\":\"FP32\",\"shape\":[1,2],\"name\":"
            + "\"x\"}],\"parameters\":{\"timeout\":5000000},\"id\":\"ä\\\"7\"}";
    HttpResponse<String> answer = post(ADDING + "/infer", body);
    assertThat(answer.body())
        .isEqualTo(
            "{\"model_name\":\"demo/adding\",\"model_version\":\"v1\",\"id\":\"ä\\\"7\","
                + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],"
                + "\"data\":[1.25,101.0]}]}");
  }

  @Test
  void earlyData_keepTheirExactNumbers() throws Exception {
    String body =
        "{\"inputs\":[{\"data\":[18446744073709551615,9007199254740993],\"name\":\"x\","
            + "\"shape\":[1,2],\"datatype\":\"UINT64\"}]}";
    assertThat(post("/v2/models/types/UINT64/infer", body).body())
        .endsWith("\"data\":[18446744073709551615,9007199254740993]}]}");
  }

  @Test
  void outputsThatAreNotFinite_areStrings() throws Exception {
    HttpResponse<String> answer =
        post(ADDING + "/infer", adding("[3.4028235e38, -1]").replace("\"x\"", "\"x\""));
    assertThat(answer.statusCode()).isEqualTo(200);
    publish("demo/huge", Float.POSITIVE_INFINITY);
    deploy("demo/huge", "v1", "prod");
    assertThat(post("/v2/models/demo/huge/infer", adding("[1, 2]")).body())
        .contains("\"data\":[\"Infinity\",\"Infinity\"]");
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/models/demo/nothing, 404, no such model",
    "/v2/models/demo/nothing/ready, 404, no such model",
    "/v2/models/demo/adding/versions/9, 404, v9",
    "/v2/models/demo/adding/versions/nine, 400, specified version string",
    "/v2/models/demo/adding?environment=mars, 404, mars",
    "/v2/models/demo, 404, no such model",
    "/v2/models/demo/a%2Fb, 404, no such route",
    "/v2/models/demo%2F..%2Fadding, 404, ''",
    "/v2/models/.git/config, 400, .git",
    "/v2/models/demo/adding/infer, 405, POST"
  })
  void unknownThings_areToldApart(String path, int status, String text) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(error(answer)).contains(text);
  }

  @Test
  void unknownModel_is404ForInferToo() throws Exception {
    assertThat(post("/v2/models/demo/nothing/infer", adding("[1,2]")).statusCode()).isEqualTo(404);
    assertThat(post(ADDING + "/versions/77/infer", adding("[1,2]")).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"inputs\":[|body 1:12: JSON ends too early",
        "{\"id\":NaN}|body 1:10: not valid JSON: Non-standard token 'NaN'"
      })
  void badJson_isToldInOurWords(String body, String message) throws Exception {
    HttpResponse<String> answer = post(ADDING + "/infer", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(error(answer)).isEqualTo(message);
  }

  @Test
  void classification_givesTheBestClassesInsteadOfTheTensor() throws Exception {
    String body =
        "{\"inputs\":[X],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":1}},{\"name\":\"z\"}]}"
            .replace("X", tensor("[1, 2]"));
    assertThat(post(ADDING + "/infer", body).body())
        .contains("{\"name\":\"y\",\"datatype\":\"BYTES\",\"shape\":[1,1],\"data\":[\"3.0:1\"]}")
        .contains("{\"name\":\"z\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1.0,2.0]}");
    HttpResponse<String> wrong = post(ADDING + "/infer", body.replace(":1}", ":-1}"));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(error(wrong)).contains("output parameter \"classification\": -1");
  }

  @Test
  void oversizeBody_is413() throws Exception {
    String large = adding("[" + "1,".repeat(600_000) + "1]");
    String head =
        "POST "
            + ADDING
            + "/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + large.length()
            + "\r\n\r\n";
    assertThat(LatheServerTest.raw(server, head)).startsWith("HTTP/1.1 413").contains("error");
  }

  @Test
  void oversizeBodyThatIsSentWhole_getsItsAnswer() throws Exception {
    String large = adding("[" + "1,".repeat(600_000) + "1]");
    HttpResponse<String> answer = post(ADDING + "/infer", large);
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(error(answer)).contains("larger than 1048576 bytes");
  }

  @Test
  void oversizeChunkedBody_is413() throws Exception {
    StringBuilder request =
        new StringBuilder(
            "POST "
                + ADDING
                + "/infer HTTP/1.1\r\nHost: localhost\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n");
    request.append("e\r\n{\"parameters\":\r\n");
    request.append("100001\r\n").append(" ".repeat(0x100001)).append("\r\n");
    assertThat(LatheServerTest.raw(server, request.toString()))
        .startsWith("HTTP/1.1 413")
        .contains("error");
  }

  @Test
  void chunkedBody_isReadWithoutItsLength() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.address().resolve(ADDING + "/infer"))
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () ->
                        new ByteArrayInputStream(
                            adding("[1, 2]").getBytes(StandardCharsets.UTF_8))))
            .build();
    assertThat(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body())
        .contains("\"data\":[2.0,3.0]");
  }

  @Test
  void compressedBody_isInflated() throws Exception {
    byte[] body = adding("[1, 2]").getBytes(StandardCharsets.UTF_8);
    assertThat(post(gzip(body), "gzip").body()).contains("\"data\":[2.0,3.0]");
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(deflated)) {
      out.write(body);
    }
    assertThat(post(deflated.toByteArray(), "deflate").body()).contains("\"data\":[2.0,3.0]");
  }

  @Test
  void compressedBody_isBoundedByItsInflatedSize() throws Exception {
    byte[] bomb = gzip(" ".repeat(50 << 20).getBytes(StandardCharsets.UTF_8));
    assertThat(bomb.length).isLessThan(1 << 20);
    HttpResponse<String> answer = post(bomb, "gzip");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(error(answer)).isNotEmpty();
  }

  @Test
  void brokenCompression_is400() throws Exception {
    assertThat(post("no gzip".getBytes(StandardCharsets.UTF_8), "gzip").statusCode())
        .isEqualTo(400);
    byte[] half = gzip(adding("[1, 2]").getBytes(StandardCharsets.UTF_8));
    assertThat(post(java.util.Arrays.copyOf(half, half.length / 2), "gzip").statusCode())
        .isEqualTo(400);
    assertThat(post(half, "br").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":"})
  void deepJson_isRefused(String opening) throws Exception {
    String body = "{\"parameters\":{\"p\":" + opening.repeat(100_000);
    HttpResponse<String> answer = post(ADDING + "/infer", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    HttpResponse<String> data =
        post(
            ADDING + "/infer",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":"
                + "[".repeat(100_000));
    assertThat(data.statusCode()).isEqualTo(400);
    assertThat(error(data)).contains("deep");
  }

  @Test
  void longNumbers_areRefused() throws Exception {
    HttpResponse<String> answer = post(ADDING + "/infer", adding("[1, " + "9".repeat(5000) + "]"));
    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void deadlineThatCannotBeMet_is504() throws Exception {
    String body = "{\"parameters\":{\"timeout\":1},\"inputs\":[" + tensor("[1,2]") + "]}";
    HttpResponse<String> answer = post(ADDING + "/infer", body);
    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(error(answer)).contains("no answer within");
  }

  @Test
  void metrics_countRequestsByModelAndErrorsByKind() throws Exception {
    post(ADDING + "/infer", adding("[1, 2]"));
    post(ADDING + "/infer", "{}");
    String metrics = get("/metrics").body();
    assertThat(metrics)
        .contains("lathe_inference_duration_seconds_count{model=\"demo/adding\",version=\"v1\"}")
        .contains("lathe_inference_errors_total{kind=\"invalid\"}")
        .contains("lathe_models_loaded")
        .contains("lathe_queue_depth")
        .contains("jvm_memory_used_bytes");
    Map<String, Double> samples = PrometheusText.read(metrics);
    String adding = "{model=\"demo/adding\",version=\"v1\"}";
    assertThat(samples.get("nv_inference_request_success" + adding)).isPositive();
    assertThat(samples.get("nv_inference_compute_infer_duration_us" + adding)).isPositive();
    assertThat(samples.get("nv_inference_pending_request_count" + adding)).isNotNegative();
    assertThat(samples).containsKey("nv_cpu_memory_total_bytes");
    post(ADDING + "/infer", adding("[1, 2]"));
    assertThat(PrometheusText.read(get("/metrics").body()).get("nv_inference_count" + adding))
        .isGreaterThan(samples.get("nv_inference_count" + adding));
  }

  /** {@code -Ddocs.fix=true} writes the page anew. */
  @Test
  void pageOfMetrics_saysWhatIsExported() throws Exception {
    post(ADDING + "/infer", adding("[1, 2]"));
    StringBuilder page = new StringBuilder(MetricsPage.HEAD);
    PrometheusText.families(get("/metrics").body()).stream()
        .filter(family -> family.name().startsWith("nv_") || family.name().startsWith("lathe_"))
        .forEach(family -> page.append(MetricsPage.row(family)));
    Path file = MetricsPage.file();
    if (Boolean.getBoolean("docs.fix")) {
      Files.writeString(file, page);
    }
    assertThat(file).as("run: " + MetricsPage.FIX).hasContent(page.toString());
  }

  @Test
  void largeAnswer_goesOutInPieces() throws Exception {
    StringBuilder rows = new StringBuilder("[0");
    for (int i = 1; i < 60_000; i++) {
      rows.append(',').append(i & 1023);
    }
    String body =
        adding(rows.append(']').toString()).replace("\"shape\":[1,2]", "\"shape\":[30000,2]");
    HttpResponse<String> answer = post(ADDING + "/infer", body);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).startsWith("{\"model_name\"").endsWith("]}]}");
    assertThat(answer.body().length()).isGreaterThan(400_000);
  }

  private static void publish(String name, float addend) {
    Models.publish(registry, name, Models.adding(addend));
  }

  private static void deploy(String name, String version, String environment) {
    registry.deploy(ModelName.parse(name), version, environment);
  }

  private static String adding(String data) {
    return "{\"inputs\":[" + tensor(data) + "]}";
  }

  private static String tensor(String data) {
    return "{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":" + data + "}";
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(body);
    }
    return bytes.toByteArray();
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create(server.address() + path);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    URI uri = URI.create(server.address() + path);
    return CLIENT.send(
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(byte[] body, String encoding)
      throws IOException, InterruptedException {
    URI uri = URI.create(server.address() + ADDING + "/infer");
    return CLIENT.send(
        HttpRequest.newBuilder(uri)
            .header("Content-Encoding", encoding)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String error(HttpResponse<String> answer) {
    assertThat(answer.body()).startsWith("{\"error\":\"").endsWith("\"}");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    String text = answer.body().substring(10, answer.body().length() - 2);
    return text.replace("\\\"", "\"");
  }
}
