package dev.lathe.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.server.ApiJson;
import dev.lathe.server.Door;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServedModel;
import dev.lathe.server.ServerConfig;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class ApiDoorTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String MODEL = "/api/v1/models/demo/linear";

  @TempDir private static Path data;
  private static LatheServer server;
  private static HttpClient http;

  @BeforeAll
  static void start() {
    ServedModel.publish(data, 2);
    server = LatheServer.start(ServerConfig.of(data, 0));
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  @Test
  void models_areListedAndShown() throws Exception {
    JsonNode models = json(get("/api/v1/models"));
    assertThat(models.size()).isEqualTo(1);
    assertThat(models.get(0).get("name").asString()).isEqualTo("demo/linear");
    assertThat(models.get(0).get("latest").asString()).isEqualTo("v2");
    assertThat(models.get(0).get("live").get("prod").asString()).isEqualTo("v1");
    assertThat(json(get(MODEL))).isEqualTo(json(get("/api/v1/models")).get(0));
  }

  @Test
  void slashInAName_mayBeEncoded() throws Exception {
    String encoded = MODEL.replace("demo/linear", "demo%2Flinear");
    for (String rest : List.of("", "/versions", "/versions/v1", "/deployments")) {
      assertThat(json(get(encoded + rest))).isEqualTo(json(get(MODEL + rest)));
    }
  }

  @Test
  void version_hasLineageSignatureAndMetrics() throws Exception {
    JsonNode version = json(get(MODEL + "/versions/prod"));
    assertThat(version.get("version").asString()).isEqualTo("v1");
    assertThat(version.get("environments").get(0).asString()).isEqualTo("prod");
    assertThat(version.get("inputs").toString())
        .isEqualTo("[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,4]}]");
    JsonNode origin = version.get("origin");
    assertThat(origin.get("operation").asString()).isEqualTo("train");
    assertThat(origin.get("metrics").get("test_loss").asDouble()).isEqualTo(0.25);
    assertThat(origin.get("seed").asLong()).isEqualTo(1);
    assertThat(json(get(MODEL + "/versions")).size()).isEqualTo(2);
  }

  @Test
  void deploy_switchesAndUnknownThingsAreNot() throws Exception {
    JsonNode done =
        json(post(MODEL + "/deployments", "{\"version\":\"v2\",\"environment\":\"staging\"}"));
    assertThat(done.get("version").asString()).isEqualTo("v2");
    assertThat(json(get(MODEL + "/deployments")).get(1).get("version").asString()).isEqualTo("v2");
    String unknown = "{\"version\":\"v9\",\"environment\":\"staging\"}";
    assertError(post(MODEL + "/deployments", unknown), 404, "v9");
    String bad = "{\"version\":\"v1\",\"environment\":\"../x\"}";
    assertError(post(MODEL + "/deployments", bad), 400, "environment");
  }

  @Test
  void predict_answersWithTheVersionThatIsLive() throws Exception {
    JsonNode answer =
        json(
            post(
                MODEL + "/predict",
                "{\"inputs\":{\"x\":{\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[1,2,3,4]}}}"));
    assertThat(answer.get("version").asString()).isEqualTo("v1");
    assertThat(answer.get("outputs").get("y").get("shape").toString()).isEqualTo("[1,2]");
  }

  @Test
  void badBodies_areRefusedWithAReason() throws Exception {
    assertError(post(MODEL + "/deployments", "{\"version\":"), 400, "JSON");
    assertError(post(MODEL + "/deployments", "{\"version\":\"v1\"}"), 400, "environment");
    assertError(
        post(MODEL + "/deployments", "[]"), 400, "body 1:1: an array (expected: an object)");
    assertError(
        post(MODEL + "/deployments", "{\"version\":\"v1\",\"environment\":\"a\",\"x\":1}"),
        400,
        "x");
    assertError(post(MODEL + "/deployments", "x".repeat((1 << 20) + 1)), 413, "1048576");
    assertError(send(MODEL + "/deployments", "{}", "text/plain"), 415, "application/json");
    assertError(
        post(
            MODEL + "/predict",
            "{\"inputs\":{\"x\":{\"datatype\":\"FP32\",\"shape\":[1,3],\"data\":[1,2,3]}}}"),
        400,
        "[1, 3]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|body: missing key \"version\" (expected: a text)",
        "{\"zzz\":1}|body: unknown key \"zzz\" (known: version, environment, as, percent, header, settings, reason)",
        "{\"version\":\"v1\",\"environment\":|body 1:31: JSON ends too early",
        "{\"version\":{}}|body 1:12: key \"version\": an object (expected: a text)",
        "{\"version\":NaN}|body 1:15: not valid JSON: Non-standard token 'NaN'",
        "[1|body 1:1: an array (expected: an object)",
        "''|body: empty (expected: an object)"
      })
  void badJson_isToldInOurWords(String body, String message) throws Exception {
    HttpResponse<String> answer = post(MODEL + "/deployments", body);
    assertThat(json(answer, 400).get("error").asString()).isEqualTo(message.replace("''", "'"));
  }

  @Test
  void unknownNames_are404AndBadOnes400() throws Exception {
    assertError(get("/api/v1/models/demo/none"), 404, "demo/none");
    assertError(get(MODEL + "/versions/v77"), 404, "v77");
    assertError(get("/api/v1/jobs/20260101-000000-abcdef"), 404, "job");
    assertError(get("/api/v1/jobs/x"), 404, "job");
    assertError(get("/api/v1/models/demo/a%20b"), 400, "a b");
    assertThat(get(MODEL + "/versions/v1/files/..%2f..%2fconfig").statusCode()).isIn(400, 404);
    assertThat(get(MODEL + "/versions/v1/files/none.txt").statusCode()).isEqualTo(404);
  }

  @Test
  void pageOfAnotherOrigin_isRefused() throws Exception {
    for (String origin : List.of("https://evil.example", "null", "http://localhost:1")) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(address("/api/v1/jobs")).header("Origin", origin).build(),
              HttpResponse.BodyHandlers.ofString());
      assertError(answer, 403, origin);
    }
    HttpResponse<String> own =
        http.send(
            HttpRequest.newBuilder(address("/api/v1/jobs"))
                .header("Origin", server.address().toString())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(own.statusCode()).isEqualTo(200);
  }

  @Test
  void recipeThatReadsOutsideItsFolder_isRefused() throws Exception {
    Files.writeString(data.resolve("secret.csv"), "1,2,3\n");
    for (String path : List.of("/etc/passwd", "../secret.csv", "a/../../secret.csv")) {
      String recipe =
          """
          model: demo/m
          task: regression
          data: { format: csv, train: "%s", label: last }
          architecture: { kind: linear }
          optimizer: { kind: sgd, learning_rate: 0.01 }
          epochs: 1
          """
              .formatted(path);
      assertError(send("/api/v1/jobs", recipe, "application/yaml"), 403, "DATA/data");
    }
    Files.createDirectories(data.resolve("data"));
    Files.createSymbolicLink(data.resolve("data/link.csv"), data.resolve("secret.csv"));
    String recipe =
        """
        model: demo/m
        task: regression
        data: { format: csv, train: link.csv, label: last }
        architecture: { kind: linear }
        optimizer: { kind: sgd, learning_rate: 0.01 }
        epochs: 1
        """;
    assertError(send("/api/v1/jobs", recipe, "application/yaml"), 403, "DATA/data");
    assertThat(json(get("/api/v1/jobs")).size()).isZero();
  }

  @Test
  void badRecipe_isRefusedBeforeAnyJob() throws Exception {
    assertError(send("/api/v1/jobs", "modell: demo/m\n", "application/yaml"), 400, "model");
    assertError(send("/api/v1/jobs", "model: demo/m\n", "text/plain"), 415, "application/yaml");
    assertThat(json(get("/api/v1/jobs")).size()).isZero();
  }

  @Test
  void file_isServedByteForByte() throws Exception {
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(address(MODEL + "/versions/v2/files/recipe.yaml")).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo("model: demo/linear\nseed: 2\n");
  }

  @Test
  void document_saysExactlyTheRoutesThatThereAre() throws Exception {
    JsonNode document = json(get(ApiDoor.DOCUMENT));
    assertThat(document.get("openapi").asString()).startsWith("3.1.");
    Set<String> described = new TreeSet<>();
    document
        .get("paths")
        .forEachEntry(
            (path, methods) ->
                methods.forEachEntry((method, operation) -> described.add(method + " " + path)));
    try (LocalLathe lathe = Lathe.open(data)) {
      assertThat(described).isEqualTo(routes(new ApiDoor(lathe)));
    }
    assertThat(described).hasSizeGreaterThan(12);
  }

  @Test
  void everyDescribedRoute_isThere() throws Exception {
    JsonNode paths = json(get(ApiDoor.DOCUMENT)).get("paths");
    for (String path : paths.propertyNames()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(address(path.replaceAll("[{}]", "")))
                  .method("PATCH", HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path).isEqualTo(405);
      String allowed = answer.headers().firstValue("Allow").orElse("").toLowerCase(Locale.ROOT);
      assertThat(List.of(allowed.split(", ")))
          .as(path)
          .containsExactlyInAnyOrderElementsOf(paths.get(path).propertyNames());
    }
  }

  @Test
  void document_hasASchemaForEachReference() throws Exception {
    JsonNode document = json(get(ApiDoor.DOCUMENT));
    JsonNode schemas = document.get("components").get("schemas");
    List<String> references = new ArrayList<>();
    document.findValues("$ref").forEach(reference -> references.add(reference.asString()));
    assertThat(references).isNotEmpty();
    for (String reference : references) {
      assertThat(schemas.has(reference.substring("#/components/schemas/".length())))
          .as(reference)
          .isTrue();
    }
  }

  @Test
  void schemas_haveTheKeysOfTheRealAnswers() throws Exception {
    JsonNode schemas = json(get(ApiDoor.DOCUMENT)).get("components").get("schemas");
    assertKeys(schemas, "ModelInfo", json(get(MODEL)));
    assertKeys(schemas, "VersionDetails", json(get(MODEL + "/versions/v1")));
    assertKeys(schemas, "Origin", json(get(MODEL + "/versions/v1")).get("origin"));
    assertKeys(schemas, "VersionSummary", json(get(MODEL + "/versions")).get(0));
    assertKeys(schemas, "DeploymentInfo", json(get(MODEL + "/deployments")).get(0));
    assertKeys(
        schemas, "Tensor", JSON.readTree(ApiJson.bytes(Tensor.ofFloats(new float[] {1}, 1))));
  }

  /** The routes that a door adds, in the words of the document. */
  private static Set<String> routes(Door door) {
    Set<String> routes = new TreeSet<>();
    door.routes(
        new Routes() {
          @Override
          public Routes route(Right right, Method method, String path, Handler handler) {
            routes.add(method.text().toLowerCase(Locale.ROOT) + " " + OpenApi.template(path));
            return this;
          }
        });
    return routes;
  }

  private static void assertKeys(JsonNode schemas, String name, JsonNode value) {
    JsonNode schema = schemas.get(name);
    assertThat(value.propertyNames())
        .as(name)
        .isSubsetOf(schema.get("properties").propertyNames())
        .containsAll(schema.get("required").values().stream().map(JsonNode::asString).toList());
  }

  private static void assertError(HttpResponse<String> answer, int status, String about)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(json(answer, status).get("error").asString()).contains(about);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(address(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(path, body, "application/json");
  }

  private HttpResponse<String> send(String path, String body, String type) throws Exception {
    return http.send(
        HttpRequest.newBuilder(address(path))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private URI address(String path) {
    return URI.create(server.address() + path);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return json(answer, 200);
  }

  private static JsonNode json(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }
}
