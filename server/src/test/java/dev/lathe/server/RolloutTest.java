package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.Registry;
import dev.lathe.server.grpc.wire.WireWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A canary, a shadow and a rollback, by a real server: v2 fails above 100 and never says over 5.
 */
@Timeout(120)
class RolloutTest {
  private static final String MODEL = "/api/v1/models/demo/adding";
  private static final String PROD = MODEL + "/deployments/prod";

  @TempDir private Path data;
  private final HttpClient http = HttpClient.newHttpClient();
  private LatheServer server;

  @BeforeEach
  void start() {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/adding", Models.adding(1));
      Models.publish(registry, "demo/adding", Models.addingUpTo(1, 5));
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
    post(MODEL + "/deployments", "{\"version\": \"v1\", \"environment\": \"prod\"}", 200);
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  @Test
  void canaryThatTurnsBad_rollsBackByItself_alsoForTheNextServer() throws Exception {
    JsonNode now = deploy("\"as\": \"canary\", \"percent\": 50");
    assertThat(now.get("canary").asString()).isEqualTo("v2");
    Set<String> answered = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      HttpResponse<String> answer = infer("good-" + i, 1);
      assertThat(answer.statusCode()).isEqualTo(200);
      String version = answer.headers().firstValue("Lathe-Version").orElseThrow();
      assertThat(json(answer.body()).get("model_version").asString()).isEqualTo(version);
      answered.add(version);
    }
    assertThat(answered).containsExactlyInAnyOrder("v1", "v2");
    assertThat(get(PROD + "/trial").at("/canary/state").asString()).isEqualTo("running");
    int failures = 0;
    for (int i = 0; i < 100; i++) {
      failures += infer("bad-" + i, 200).statusCode() == 200 ? 0 : 1;
    }
    assertThat(failures).isPositive();
    await(() -> get(MODEL + "/deployments").get(0).get("canary") == null);
    for (int i = 0; i < 100; i++) {
      assertThat(infer("bad-" + i, 200).statusCode()).isEqualTo(200);
    }
    JsonNode told = get(PROD + "/trial").get("canary");
    assertThat(told.get("state").asString()).isEqualTo("rolled_back");
    assertThat(told.get("reason").asString()).startsWith("error_rate: ");
    JsonNode change = get(PROD + "/history").get(0);
    assertThat(change.get("message").asString()).startsWith("Roll back prod: v2\n\nerror_rate: ");
    assertThat(change.get("to").asString()).isEqualTo("v1");
    await(() -> text("/metrics").contains("lathe_rollbacks_total 1"));
    assertThat(text("/metrics")).contains("role=\"canary\",version=\"v2\",outcome=\"failed\"");
    restart();
    for (int i = 0; i < 20; i++) {
      assertThat(infer("bad-" + i, 200).statusCode()).isEqualTo(200);
    }
    assertThat(get(PROD + "/trial", 404).toString()).contains("nothing of demo/adding is on trial");
  }

  @Test
  void shadowReport_namesTheRequestsThatDiffer() {
    deploy("\"as\": \"shadow\", \"settings\": {\"comparison.keep_inputs\": \"true\"}");
    for (int i = 1; i <= 9; i++) {
      int seen = i;
      HttpResponse<String> answer = infer("number-" + i, i);
      assertThat(json(answer.body()).at("/outputs/0/data/0").asDouble()).isEqualTo(i + 1);
      await(() -> compared() == seen);
    }
    JsonNode agreement = get(PROD + "/trial").at("/shadow/agreement");
    JsonNode requests = agreement.get("requests");
    assertThat(requests.valueStream().map(one -> one.get("id").asString()))
        .isSubsetOf("number-5", "number-6", "number-7", "number-8", "number-9")
        .isNotEmpty();
    assertThat(agreement.get("different").asInt()).isEqualTo(requests.size());
    JsonNode newest = requests.get(0);
    int number = Integer.parseInt(newest.get("id").asString().substring("number-".length()));
    JsonNode difference = newest.get("differences").get(0);
    assertThat(difference.get("output").asString()).isEqualTo("y");
    assertThat(difference.get("kind").asString()).isEqualTo("value");
    assertThat(difference.get("live").asString()).isEqualTo(number + 1.0 + "");
    assertThat(difference.get("trial").asString()).isEqualTo("5.0");
    assertThat(newest.at("/inputs/x/data/0").asInt()).isEqualTo(number);
    assertThat(text("/metrics")).contains("lathe_trial_compared_total{model=\"demo/adding\"");
  }

  @Test
  void header_choosesTheVersion_overHttpAndGrpc() {
    deploy("\"as\": \"canary\", \"header\": {\"name\": \"x-beta\", \"value\": \"yes\"}");
    assertThat(version("x-beta", "no")).isEqualTo("v1");
    assertThat(version("x-beta", "yes")).isEqualTo("v2");
    assertThat(version("Lathe-Variant", "canary")).isEqualTo("v2");
    try (GrpcClient client = new GrpcClient(server.address().getPort())) {
      assertThat(version(client, "x-beta", "no")).isEqualTo("v1");
      assertThat(version(client, "x-beta", "yes")).isEqualTo("v2");
      assertThat(version(client, "lathe-variant", "canary")).isEqualTo("v2");
    }
    HttpResponse<String> wrong = infer("a", 1, "Lathe-Variant", "blue");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("(expected: live or canary)");
  }

  @Test
  void promotion_makesTheCanaryLive_andRollbackGoesBack() {
    deploy("\"as\": \"canary\", \"percent\": 10");
    post(PROD + "/promote", "", 400);
    JsonNode promoted = post(PROD + "/promote", "{}", 200);
    assertThat(promoted.get("version").asString()).isEqualTo("v2");
    assertThat(promoted.get("canary")).isNull();
    assertThat(version("a", "b")).isEqualTo("v2");
    assertThat(post(PROD + "/promote", "{}", 409).toString())
        .contains("on trial beside v2: nothing (expected: canary); nothing was changed");
    assertThat(post(PROD + "/rollback", "", 200).get("version").asString()).isEqualTo("v1");
    assertThat(version("a", "b")).isEqualTo("v1");
  }

  /** A canary may be taken out between an operator's look and the command. */
  @Test
  void promotion_isOfWhatIsMeantAndOfNothingElse() {
    deploy("\"as\": \"shadow\"");
    String commit = get(MODEL + "/deployments").get(0).get("commit").asString();
    assertThat(post(PROD + "/promote", "{}", 409).toString())
        .contains("on trial beside v1: shadow v2 (expected: canary); nothing was changed");
    assertThat(post(PROD + "/promote", "{\"version\": \"v1\"}", 409).toString())
        .contains("shadow v2 (expected: v1)");
    assertThat(post(PROD + "/promote", "{\"version\": \"newest\"}", 400).toString())
        .contains("expected: a version, such as v2");
    assertThat(post(PROD + "/promote", "{\"as\": \"live\"}", 400).toString()).contains("as");
    assertThat(get(MODEL + "/deployments").get(0).get("commit").asString()).isEqualTo(commit);
    JsonNode now = post(PROD + "/promote", "{\"as\": \"shadow\", \"version\": \"v2\"}", 200);
    assertThat(now.get("version").asString()).isEqualTo("v2");
  }

  @Test
  void trialThatCannotBe_isRefused() {
    String deployments = MODEL + "/deployments";
    String wish = "{\"version\": \"v2\", \"environment\": \"prod\", %s}";
    assertThat(post(deployments, wish.formatted("\"as\": \"canary\""), 400).toString())
        .contains("neither percent nor header");
    assertThat(post(deployments, wish.formatted("\"percent\": 5"), 400).toString())
        .contains("percent: 5.0 (expected: only with canary or shadow)");
    assertThat(
            post(deployments, wish.formatted("\"settings\": {\"canry.percent\": \"5\"}"), 400)
                .toString())
        .contains("did you mean \\\"canary\\\"?");
    assertThat(
            post(
                    deployments,
                    "{\"version\": \"v2\", \"environment\": \"new\", \"as\": \"shadow\"}",
                    404)
                .toString())
        .contains("nothing is live in the environment");
  }

  private void restart() {
    server.close();
    server = LatheServer.start(ServerConfig.of(data, 0));
    await(() -> send(HttpRequest.newBuilder(uri("/v2/health/ready"))).statusCode() == 200);
  }

  private JsonNode deploy(String how) {
    return post(
        MODEL + "/deployments",
        "{\"version\": \"v2\", \"environment\": \"prod\", " + how + "}",
        200);
  }

  private int compared() {
    JsonNode agreement = get(PROD + "/trial").at("/shadow/agreement");
    return agreement.get("compared").asInt() + agreement.get("dropped").asInt();
  }

  private String version(String header, String value) {
    return infer("any", 1, header, value).headers().firstValue("Lathe-Version").orElseThrow();
  }

  /** By a parameter of the request. */
  private static String version(GrpcClient client, String parameter, String value) {
    byte[] zeros = new byte[2 * Float.BYTES];
    WireWriter request =
        new WireWriter()
            .text(1, "demo/adding")
            .message(
                4, entry -> entry.text(1, parameter).message(2, choice -> choice.text(3, value)))
            .message(
                5,
                input ->
                    input
                        .text(1, "x")
                        .text(2, "FP32")
                        .packed(3, 1, 2)
                        .message(5, contents -> contents.bytes(6, zeros)));
    byte[] answer = client.call(GrpcClient.SERVICE + "ModelInfer", request);
    return new String(GrpcClient.fields(answer, 2).getFirst(), StandardCharsets.UTF_8);
  }

  private HttpResponse<String> infer(String id, float value, String... headers) {
    String body =
        "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2], \"data\": ["
            + value
            + ", 0]}]}";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri("/v2/models/demo/adding/infer"))
            .header("Content-Type", "application/json")
            .header("X-Request-Id", id)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  private JsonNode post(String path, String body, int status) {
    HttpResponse<String> response =
        send(
            HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return json(response.body());
  }

  private JsonNode get(String path) {
    return get(path, 200);
  }

  private JsonNode get(String path, int status) {
    return json(text(path, status));
  }

  private String text(String path) {
    return text(path, 200);
  }

  private String text(String path, int status) {
    HttpResponse<String> response = send(HttpRequest.newBuilder(uri(path)));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return response.body();
  }

  private URI uri(String path) {
    return URI.create(server.address() + path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }
}
