package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.access.KeyStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks all routes of all doors: none answers without the right that it takes. */
class RouteRightsTest {
  /** What answers anybody: probes must not need a key, and somebody who signs in has none yet. */
  private static final Set<String> PUBLIC =
      Set.of(
          "GET /v2/health/live",
          "GET /v2/health/ready",
          "GET /signin",
          "POST /signin",
          "POST /signout",
          "GET /favicon.ico",
          "GET /console/console.css",
          "GET /console/chart.js",
          "GET /console/copy.js",
          "GET /console/draw.js",
          "GET /console/icon.svg",
          "GET /console/job.js",
          "GET /console/times.js");

  /** Where only the body says which model is asked: the handler refuses others than the right's. */
  private static final Set<String> NAMED_IN_BODY =
      Set.of(
          "POST /v1/chat/completions",
          "POST /v1/completions",
          "POST /v1/responses",
          "POST /v1/embeddings",
          "POST /v1/moderations",
          "POST /v1/messages",
          "POST /v1/messages/count_tokens",
          "POST /tokenize",
          "POST /detokenize");

  /** The same, with fields of their own. */
  private static final Set<String> TEXTS_NAMED_IN_BODY =
      Set.of(
          "POST /api/v1/translate",
          "POST /api/v1/answer",
          "POST /api/v1/classify",
          "POST /api/v1/rerank",
          "POST /api/v1/embed",
          "POST /v1/rerank",
          "POST /v1/score");

  /** Where a file says which models are asked. */
  private static final Set<String> NAMED_IN_FILE = Set.of("POST /v1/batches");

  /** Where only the body says which model is trained. */
  private static final Set<String> TRAINED_IN_BODY = Set.of("POST /v1/fine_tuning/jobs");

  /** Any of some rights: which one is needed is in the body, and the handler asks for it. */
  private static final Set<String> BY_PURPOSE = Set.of("POST /v1/files");

  @TempDir private Path data;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> byScopes = new HashMap<>();
  private LatheServer server;
  private KeyStore keys;

  @BeforeEach
  void start() {
    server =
        LatheServer.start(
            ServerConfig.of(data, 0).with(new AccessConfig(true, List.of(), List.of(), "changes")));
    keys = new KeyStore(data, Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  @Test
  void withoutCredentials_onlyThePublicRoutesAnswer() throws Exception {
    Set<String> answered = new TreeSet<>();
    for (RouteBook.Entry route : server.routes()) {
      HttpResponse<String> answer = send(route, Map.of());
      if (answer.statusCode() != 401) {
        answered.add(route.method().text() + " " + route.path());
      } else {
        assertThat(String.join(", ", answer.headers().allValues("WWW-Authenticate")))
            .isEqualTo("Bearer realm=\"lathe\", Basic realm=\"lathe\"");
      }
    }
    assertThat(answered).isEqualTo(PUBLIC);
    assertThat(server.routes()).hasSizeGreaterThan(40);
  }

  @Test
  void withAKeyForSomethingElse_everyRouteIsForbidden() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (RouteBook.Entry route : server.routes()) {
      if (BY_PURPOSE.contains(route.method().text() + " " + route.path())) {
        expect(wrong, route, keyFor("push,read,metrics"), 403);
        expect(wrong, route, keyFor("infer:other/*"), 400);
        expect(wrong, route, keyFor("train:other/*"), 400);
      }
      if (route.right() == Right.NONE || route.right() == Right.KNOWN) {
        continue;
      }
      String others =
          java.util.Arrays.stream(Right.values())
              .filter(right -> right != route.right())
              .filter(right -> right != Right.NONE && right != Right.KNOWN)
              .map(Right::word)
              .reduce("", (all, word) -> all.isEmpty() ? word : all + "," + word);
      expect(wrong, route, keyFor(others), 403);
      String elsewhere = keyFor(route.right().word() + ":other/*");
      String stated = route.method().text() + " " + route.path();
      boolean named =
          NAMED_IN_BODY.contains(stated)
              || TRAINED_IN_BODY.contains(stated)
              || TEXTS_NAMED_IN_BODY.contains(stated)
              || NAMED_IN_FILE.contains(stated);
      expect(wrong, route, elsewhere, named ? 400 : 403);
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void modelNamedInABody_isRefusedWithoutTheRightOverIt() throws Exception {
    Map<String, String> other = bearer(key("other", "infer:other/*"));
    for (String route : NAMED_IN_BODY) {
      String path = route.substring("POST ".length());
      String body = "{\"model\": \"demo/digits\", \"input\": \"a\"}";
      HttpResponse<String> refused = send("POST", path, body, other);
      assertThat(refused.statusCode()).as(path).isEqualTo(403);
      assertThat(refused.body())
          .contains("key:other may not infer demo/digits", "\"type\":\"permission_error\"");
      HttpResponse<String> own =
          send("POST", path, body.replace("demo/digits", "other/x@v1"), other);
      assertThat(own.statusCode()).as(path).isEqualTo(404);
    }
    assertThat(send("POST", "/v1/completions", "{}", Map.of()).body())
        .contains("\"type\":\"authentication_error\"", "\"code\":\"invalid_api_key\"");
  }

  @Test
  void modelOfTexts_isRefusedWithoutTheRightOverIt() throws Exception {
    Map<String, String> other = new HashMap<>(bearer(key("another", "infer:other/*")));
    other.put("Content-Type", "application/json");
    for (String route : TEXTS_NAMED_IN_BODY) {
      String path = route.substring("POST ".length());
      HttpResponse<String> refused = send("POST", path, "{\"model\": \"demo/digits\"}", other);
      assertThat(refused.statusCode()).as(path).isEqualTo(403);
      assertThat(refused.body()).contains("key:another may not infer demo/digits");
      String fields = "\"query\": \"a\", \"documents\": [\"b\"]";
      String body = "{\"model\": \"other/x@v1\", " + fields + "}";
      if (path.endsWith("rerank")) {
        assertThat(send("POST", path, body, other).statusCode()).as(path).isEqualTo(404);
      }
    }
  }

  @Test
  void withTheRightKey_everyRouteIsReached() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (RouteBook.Entry route : server.routes()) {
      if (route.right() == Right.NONE
          || BY_PURPOSE.contains(route.method().text() + " " + route.path())) {
        continue;
      }
      String scope = route.right() == Right.KNOWN ? "push:other/*" : route.right().word();
      int status = send(route, bearer(keyFor(scope))).statusCode();
      if (status == 401 || route.right() != Right.PUSH && status == 403) {
        wrong.add(route.method().text() + " " + route.path() + " " + status);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void unknownPathsAndWrongMethods_tellNothingWithoutAKey() throws Exception {
    assertThat(status("GET", "/nowhere", Map.of())).isEqualTo(401);
    assertThat(status("DELETE", "/v2", Map.of())).isEqualTo(401);
    Map<String, String> known = bearer(key("ci", "infer"));
    assertThat(status("GET", "/nowhere", known)).isEqualTo(404);
    assertThat(status("DELETE", "/v2", known)).isEqualTo(405);
  }

  @Test
  void everyWayToSendAKey_isUnderstood() throws Exception {
    String key = key("ci", "infer");
    assertThat(status("GET", "/v2", bearer(key))).isEqualTo(200);
    assertThat(status("GET", "/v2", Map.of("X-API-Key", key))).isEqualTo(200);
    String pair =
        Base64.getEncoder().encodeToString(("git:" + key).getBytes(StandardCharsets.UTF_8));
    assertThat(status("GET", "/v2", Map.of("Authorization", "Basic " + pair))).isEqualTo(200);
    assertThat(status("GET", "/v2", Map.of("Authorization", "Digest x"))).isEqualTo(401);
    assertThat(status("GET", "/v2", Map.of("Authorization", "Basic ###"))).isEqualTo(401);
    assertThat(status("GET", "/v2", Map.of("Authorization", "Bearer"))).isEqualTo(401);
    assertThat(status("GET", "/v2", bearer(key + "x"))).isEqualTo(401);
  }

  @Test
  void revokedKey_isRefusedByTheRunningServer() throws Exception {
    String key = key("ci", "infer");
    assertThat(status("GET", "/v2", bearer(key))).isEqualTo(200);
    keys.revoke("ci");
    long patience = System.nanoTime() + 10_000_000_000L;
    int status = 200;
    while (status == 200 && System.nanoTime() < patience) {
      status = status("GET", "/v2", bearer(key));
    }
    assertThat(status).isEqualTo(401);
  }

  @Test
  void browser_isSentToSignInAndGetsASessionThatNoOtherSiteCanUse() throws Exception {
    HttpResponse<String> home = send("GET", "/", "", Map.of("Accept", "text/html"));
    assertThat(home.statusCode()).isEqualTo(303);
    assertThat(home.headers().firstValue("Location")).contains("/signin");
    Map<String, String> form = Map.of("Content-Type", "application/x-www-form-urlencoded");
    assertThat(send("POST", "/signin", "key=wrong", form).statusCode()).isEqualTo(403);
    HttpResponse<String> signed = send("POST", "/signin", "key=" + key("me", "*"), form);
    assertThat(signed.statusCode()).isEqualTo(303);
    String cookie = signed.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/");
    String session = cookie.substring(0, cookie.indexOf(';'));
    assertThat(status("GET", "/", Map.of("Cookie", session))).isEqualTo(200);
    String cancel = "/api/v1/jobs/x/cancel";
    assertThat(status("POST", cancel, Map.of("Cookie", session))).isEqualTo(403);
    Map<String, String> own = Map.of("Cookie", session, "Origin", server.address().toString());
    assertThat(status("POST", cancel, own)).isEqualTo(404);
    assertThat(status("POST", "/signout", own)).isEqualTo(303);
    assertThat(status("GET", "/", Map.of("Cookie", session))).isEqualTo(401);
  }

  private void expect(List<String> wrong, RouteBook.Entry route, String key, int expected)
      throws Exception {
    int status = send(route, bearer(key)).statusCode();
    if (status != expected) {
      wrong.add(route.method().text() + " " + route.path() + " " + status);
    }
  }

  /** One key for all routes that need the same: each new one takes a moment to be noticed. */
  private String keyFor(String scopes) throws InterruptedException, IOException {
    String known = byScopes.get(scopes);
    if (known == null) {
      known = key("scopes-" + byScopes.size(), scopes.split(","));
      byScopes.put(scopes, known);
    }
    return known;
  }

  private String key(String name, String... scopes) throws InterruptedException, IOException {
    String key =
        keys.create(new KeyWish(name, List.of(scopes), Optional.empty(), Optional.empty())).key();
    long patience = System.nanoTime() + 10_000_000_000L;
    while (status("GET", "/v2", bearer(key)) == 401 && System.nanoTime() < patience) {
      Thread.onSpinWait();
    }
    return key;
  }

  private static Map<String, String> bearer(String key) {
    return Map.of("Authorization", "Bearer " + key);
  }

  private HttpResponse<String> send(RouteBook.Entry route, Map<String, String> headers)
      throws IOException, InterruptedException {
    String path = route.path().replaceAll("\\{\\+?(\\w+)}", "$1");
    return send(route.method().text(), path, "", headers);
  }

  private int status(String method, String path, Map<String, String> headers)
      throws IOException, InterruptedException {
    return send(method, path, "", headers).statusCode();
  }

  private HttpResponse<String> send(
      String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
