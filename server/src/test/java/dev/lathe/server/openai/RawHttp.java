package dev.lathe.server.openai;

import dev.lathe.server.AccessConfig;
import dev.lathe.server.KeyWish;
import dev.lathe.server.LatheServer;
import dev.lathe.server.access.KeyStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests as nobody's client makes them.
 *
 * @param server the server
 * @param http sends
 * @param key whose requests they are; empty for nobody's
 */
record RawHttp(LatheServer server, HttpClient http, String key) {
  static final AccessConfig KEYS = new AccessConfig(true, List.of(), List.of(), "changes");
  static final String BOUNDARY = "xyz";

  /** An answer: its status and its body. */
  record Answer(int status, String text) {
    JsonNode json() {
      return JsonMapper.shared().readTree(text);
    }

    String message() {
      return json().path("error").path("message").asString("");
    }
  }

  /** The same with a new key. */
  RawHttp as(Path data, String name, String... scopes) throws IOException, InterruptedException {
    KeyStore keys = new KeyStore(data, Clock.systemUTC());
    KeyWish wish = new KeyWish(name, List.of(scopes), Optional.empty(), Optional.empty());
    RawHttp other = new RawHttp(server, http, keys.create(wish).key());
    long patience = System.nanoTime() + 10_000_000_000L;
    while (other.get("/v2").status() == 401 && System.nanoTime() < patience) {
      Thread.onSpinWait();
    }
    return other;
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, "application/json", new byte[0]);
  }

  Answer delete(String path) throws IOException, InterruptedException {
    return send("DELETE", path, "application/json", new byte[0]);
  }

  Answer post(String path, String json) throws IOException, InterruptedException {
    return send("POST", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** Uploads a file. */
  Answer upload(String purpose, String name, String content)
      throws IOException, InterruptedException {
    return form(part("purpose", "", purpose) + part("file", name, content) + "--xyz--\r\n");
  }

  Answer form(String body) throws IOException, InterruptedException {
    return send(
        "POST",
        "/v1/files",
        "multipart/form-data; boundary=" + BOUNDARY,
        body.getBytes(StandardCharsets.UTF_8));
  }

  static String part(String field, String filename, String content) {
    String file = filename.isEmpty() ? "" : "; filename=\"" + filename + "\"";
    return "--xyz\r\nContent-Disposition: form-data; name=\""
        + field
        + "\""
        + file
        + "\r\n\r\n"
        + content
        + "\r\n";
  }

  Answer send(String method, String path, String type, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Content-Type", type)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    HttpResponse<String> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    return new Answer(answer.statusCode(), answer.body());
  }
}
