package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.ServeObserver;
import dev.lathe.server.access.Access;
import dev.lathe.server.access.Ask;
import dev.lathe.server.access.Credentials;
import dev.lathe.server.access.KeyStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Quotas and the audit log, by a real server and a real model. */
class AuditTest {
  private static final String INFER = "/v2/models/demo/linear/infer";
  private static final String QUESTION =
      "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 4],"
          + " \"data\": [1, 2, 3, 4]}]}";

  @TempDir private Path data;

  @Test
  void decisions_areWrittenWithoutSecretsAndQuotasAreKept() throws Exception {
    ServedModel.publish(data, 1);
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    Quota twice = new Quota(2, 0, 0);
    String limited = key(keys, "limited", "infer:demo/*", Optional.of(twice));
    String admin = key(keys, "boss", "*", Optional.empty());
    ServerConfig config =
        ServerConfig.of(data, 0).with(new AccessConfig(true, List.of(), List.of(), "changes"));
    try (LatheServer server = LatheServer.start(config);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> first = send(http, server, INFER, limited, QUESTION);
      assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
      assertThat(first.headers().firstValue("RateLimit-Limit")).contains("2");
      assertThat(first.headers().firstValue("RateLimit-Remaining")).contains("1");
      assertThat(send(http, server, INFER, limited, QUESTION).statusCode()).isEqualTo(200);
      HttpResponse<String> third = send(http, server, INFER, limited, QUESTION);
      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(third.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 60L);
      assertThat(third.body()).contains("key:limited: 2 requests in a minute (its quota: 2)");
      String deploy = "/api/v1/models/demo/linear/deployments";
      String wish = "{\"version\": \"v1\", \"environment\": \"staging\"}";
      assertThat(send(http, server, deploy, limited, wish).statusCode()).isEqualTo(403);
      assertThat(send(http, server, deploy, admin, wish).statusCode()).isEqualTo(200);
      assertThat(send(http, server, deploy, "lathe_guessed", wish).statusCode()).isEqualTo(401);
      assertThat(metrics(http, server, admin))
          .contains("lathe_access_decisions_total{decision=\"allowed\",right=\"infer\"} 2.0")
          .contains("lathe_access_decisions_total{decision=\"quota\",right=\"infer\"} 1.0")
          .contains("{decision=\"not_allowed\",right=\"deploy\"} 1.0")
          .contains("{decision=\"unauthenticated\",right=\"deploy\"} 1.0");
    }
    Path log = data.resolve("access").resolve("audit.log");
    assertThat(lines(log))
        .containsExactly(
            "key:limited infer demo/linear POST " + INFER + " quota",
            "key:limited deploy demo/linear POST /api/v1/models/demo/linear/deployments"
                + " not_allowed",
            "key:boss deploy demo/linear POST /api/v1/models/demo/linear/deployments allowed",
            " deploy demo/linear POST /api/v1/models/demo/linear/deployments unauthenticated");
    assertThat(Files.readString(log))
        .doesNotContain(limited.substring(17))
        .doesNotContain(admin.substring(17))
        .doesNotContain("lathe_guessed");
  }

  /** Who guesses keys all day long fills no log, and hides nothing in it. */
  @Test
  void denialsWithoutEnd_areTwoLinesForEachAddress() throws Exception {
    AccessConfig config = new AccessConfig(true, List.of(), List.of(), "changes");
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    try (Access access = new Access(config, keys, data, Clock.systemUTC())) {
      for (int i = 0; i < 5000; i++) {
        guess(access, "10.0.0.1", "POST /" + i);
        guess(access, "10.0.1." + i, "POST /" + i);
      }
      access.flush();
      assertThat(access.dropped()).isZero();
    }
    List<String> told = Files.readAllLines(data.resolve("access").resolve("audit.log"));
    assertThat(told).filteredOn(line -> line.contains("\"peer\":\"10.0.0.1\"")).hasSize(2);
    assertThat(told)
        .anyMatch(
            line ->
                line.contains("POST /4999\",\"peer\":\"10.0.0.1\"")
                    && line.contains("\"count\":4999"))
        .anyMatch(line -> line.contains("\"peer\":\"others\"") && line.contains("\"count\":4000"));
    assertThat(told).hasSize(2 + 999 + 2);
  }

  private static void guess(Access access, String peer, String what) {
    Ask ask = new Ask(Right.INFER, "demo/linear", what, peer);
    assertThatThrownBy(() -> access.admit(new Credentials.Secret("lathe_guessed"), ask))
        .isInstanceOf(LatheException.class);
  }

  /** A disk that is too slow for them loses lines, and the log says how many. */
  @Test
  void linesThatAreLost_areCountedInTheLog() throws Exception {
    AccessConfig config = new AccessConfig(true, List.of(), List.of(), "all");
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    String key = key(keys, "busy", "infer", Optional.empty());
    long lost;
    int sent = 0;
    try (Access access = new Access(config, keys, data, Clock.systemUTC())) {
      Ask ask = new Ask(Right.INFER, "demo/linear", "POST /" + "x".repeat(250), "10.0.0.1");
      while (access.dropped() == 0 && sent < 5_000_000) {
        access.admit(new Credentials.Secret(key), ask);
        sent++;
      }
      lost = access.dropped();
      access.flush();
    }
    assertThat(lost).as("after " + sent + " lines").isPositive();
    assertThat(lines("\"decision\":\"dropped\"")).isPositive();
  }

  /** How many lines of all files have a text. */
  private long lines(String text) throws IOException {
    long found = 0;
    try (Stream<Path> files = Files.list(data.resolve("access"))) {
      for (Path file : files.filter(one -> one.toString().contains("audit.log")).toList()) {
        found += Files.readAllLines(file).stream().filter(line -> line.contains(text)).count();
      }
    }
    return found;
  }

  @Test
  void whereAllMayDoAll_changesAreWritten_ifAFileIsSet() throws Exception {
    ServedModel.publish(data, 1);
    Path file =
        Files.writeString(
            data.resolve("server.yaml"),
            "listen: {port: 0}\naccess: {audit_file: told/audit.log, audit_max_size: 64KiB}\n");
    try (LatheServer server =
            LatheServer.start(
                ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of())));
        HttpClient http = HttpClient.newHttpClient()) {
      String deploy = "/api/v1/models/demo/linear/deployments";
      String wish = "{\"version\": \"v1\", \"environment\": \"staging\"}";
      assertThat(send(http, server, deploy, "none", wish).statusCode()).isEqualTo(200);
      assertThat(send(http, server, INFER, "none", QUESTION).statusCode()).isEqualTo(200);
    }
    assertThat(lines(data.resolve("told").resolve("audit.log")))
        .containsExactly(" deploy demo/linear POST /api/v1/models/demo/linear/deployments allowed");
  }

  @Test
  void whatTheServerChangesByItself_isWritten() throws Exception {
    AccessConfig config = new AccessConfig(true, List.of(), List.of(), "changes");
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    try (Access access = new Access(config, keys, data, Clock.systemUTC())) {
      new Charged(access, ServeObserver.NONE)
          .rolledBack(new ModelVersion(ServedModel.NAME, "v2"), "prod", "error_rate: high");
    }
    assertThat(Files.readString(data.resolve("access").resolve("audit.log")))
        .contains("\"caller\":\"server\",\"right\":\"deploy\",\"model\":\"demo/linear\"")
        .contains("\"what\":\"roll back v2 in prod: error_rate: high\"");
  }

  @Test
  void computeTime_isChargedToTheKeyThatAsked() throws Exception {
    ServedModel.publish(data, 1);
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    String key = key(keys, "day", "infer", Optional.of(new Quota(0, 0, 1)));
    String other = key(keys, "other", "infer", Optional.of(new Quota(0, 0, 60_000)));
    ServerConfig config =
        ServerConfig.of(data, 0).with(new AccessConfig(true, List.of(), List.of(), "off"));
    try (LatheServer server = LatheServer.start(config);
        HttpClient http = HttpClient.newHttpClient()) {
      int status = 200;
      for (int i = 0; i < 5000 && status == 200; i++) {
        status = send(http, server, INFER, key, QUESTION).statusCode();
      }
      assertThat(status).isEqualTo(429);
      assertThat(send(http, server, INFER, other, QUESTION).statusCode()).isEqualTo(200);
    }
    assertThat(data.resolve("access").resolve("audit.log")).doesNotExist();
  }

  @Test
  void largeFiles_areFetchedWithTheCredentialsOfTheBatch() throws Exception {
    ServedModel.publish(data, 1);
    String key = key(new KeyStore(data, Clock.systemUTC()), "git", "pull:demo/*", Optional.empty());
    ServerConfig config =
        ServerConfig.of(data, 0).with(new AccessConfig(true, List.of(), List.of(), "off"));
    try (LatheServer server = LatheServer.start(config);
        HttpClient http = HttpClient.newHttpClient()) {
      String pointer = "info/lfs/objects/batch";
      String oid = oid();
      String size = Long.toString(Files.size(blob(oid)));
      String batch =
          "{\"operation\": \"download\", \"objects\": [{\"oid\": \""
              + oid
              + "\", \"size\": "
              + size
              + "}]}";
      HttpResponse<String> answer =
          send(http, server, "/git/demo/linear.git/" + pointer, key, batch);
      JsonNode download =
          JsonMapper.shared().readTree(answer.body()).at("/objects/0/actions/download");
      assertThat(download.at("/header/Authorization").asString())
          .as(answer.body())
          .isEqualTo("Bearer " + key);
      HttpRequest.Builder fetch =
          HttpRequest.newBuilder(URI.create(download.path("href").asString()));
      download
          .path("header")
          .propertyNames()
          .forEach(name -> fetch.header(name, download.path("header").path(name).asString()));
      assertThat(http.send(fetch.build(), HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
    }
  }

  private Path blob(String oid) throws IOException {
    try (var files = Files.walk(data.resolve("registry"))) {
      return files
          .filter(file -> file.getFileName().toString().equals(oid))
          .findFirst()
          .orElseThrow();
    }
  }

  /** The digest of the only large file that there is. */
  private String oid() throws IOException {
    try (var files = Files.walk(data.resolve("registry"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9a-f]{64}"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String key(KeyStore keys, String name, String scope, Optional<Quota> quota) {
    return keys.create(new KeyWish(name, List.of(scope), Optional.empty(), quota)).key();
  }

  private static List<String> lines(Path log) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String text : Files.readAllLines(log)) {
      JsonNode line = JsonMapper.shared().readTree(text);
      assertThat(line.path("time").asString()).isNotEmpty();
      assertThat(line.path("peer").asString()).isEqualTo("127.0.0.1");
      lines.add(
          String.join(
              " ",
              line.path("caller").asString(),
              line.path("right").asString(),
              line.path("model").asString(),
              line.path("what").asString(),
              line.path("decision").asString()));
    }
    return lines;
  }

  private static String metrics(HttpClient http, LatheServer server, String key)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + "/metrics"))
            .header("Authorization", "Bearer " + key)
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static HttpResponse<String> send(
      HttpClient http, LatheServer server, String path, String key, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
