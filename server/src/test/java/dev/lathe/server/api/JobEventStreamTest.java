package dev.lathe.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.remote.EventReader;
import dev.lathe.server.remote.EventReader.Event;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class JobEventStreamTest {
  private static final String RECIPE =
      """
      model: demo/drawn
      task: classification
      seed: 5
      data: { format: drawn_digits, train: 64, test: 16 }
      architecture: { kind: linear }
      optimizer: { kind: sgd, learning_rate: 0.01 }
      epochs: %d
      batch: 32
      """;

  @TempDir private Path data;
  private LatheServer server;
  private HttpClient http;

  @BeforeEach
  void start() {
    server = LatheServer.start(ServerConfig.of(data, 0));
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @Test
  void events_comeInOrderAndEndWithTheJob() throws Exception {
    String id = submit(3);
    List<Event> events = follow(id, "");
    assertThat(events.getFirst().type()).isEqualTo("state");
    assertThat(events).extracting(Event::type).contains("progress", "log");
    Event last = events.getLast();
    assertThat(last.type()).isEqualTo("done");
    assertThat(last.id()).isEqualTo("1.done");
    JsonNode job = JsonMapper.shared().readTree(last.data());
    assertThat(job.get("state").asString()).as(last.data()).isEqualTo("succeeded");
    assertThat(job.get("version").asString()).isEqualTo("v1");

    assertThat(follow(id, "")).extracting(Event::type).containsExactly("done");
    assertThat(answer(id, "1.done").statusCode()).isEqualTo(204);
  }

  @Test
  void comingBack_goesOnAfterTheLastEvent() throws Exception {
    String id = submit(1_000_000);
    List<Event> first = new ArrayList<>();
    try (InputStream in = answer(id, "").body()) {
      EventReader reader = new EventReader(in);
      while (first.size() < 5) {
        first.add(reader.next().orElseThrow());
      }
    }
    try (InputStream in = answer(id, first.get(2).id()).body()) {
      assertThat(new EventReader(in).next().orElseThrow().id()).isEqualTo(first.get(3).id());
    }
    post("/api/v1/jobs/" + id + "/cancel", 200);
    List<Event> rest = follow(id, first.getLast().id());
    assertThat(rest.getLast().data()).contains("\"cancelled\"");
  }

  @Test
  void clientThatDoesNotRead_holdsUpNothing() throws Exception {
    String id = submit(40);
    try (Socket deaf = new Socket("127.0.0.1", server.address().getPort())) {
      deaf.setReceiveBufferSize(1024);
      deaf.getOutputStream()
          .write(
              ("GET /api/v1/jobs/" + id + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(follow(id, "").getLast().data()).contains("\"succeeded\"");
    }
  }

  @Test
  void stoppingServer_tellsFollowersThatTheJobIsInterrupted() throws Exception {
    String id = submit(1_000_000);
    try (InputStream in = answer(id, "").body()) {
      EventReader reader = new EventReader(in);
      assertThat(reader.next()).isPresent();
      Thread.ofPlatform().start(server::close);
      Optional<Event> event = reader.next();
      while (event.isPresent() && !event.get().type().equals("done")) {
        event = reader.next();
      }
      assertThat(event.orElseThrow().data()).contains("\"interrupted\"");
    }
    server.close();
    server = LatheServer.start(ServerConfig.of(data, 0));
    HttpRequest request = HttpRequest.newBuilder(address("/api/v1/jobs/" + id)).build();
    assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
        .contains("\"interrupted\"");
    post("/api/v1/jobs/" + id + "/resume", 202);
    post("/api/v1/jobs/" + id + "/cancel", 200);
  }

  private String submit(int epochs) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(address("/api/v1/jobs"))
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(RECIPE.formatted(epochs)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    String id = JsonMapper.shared().readTree(answer.body()).get("id").asString();
    assertThat(answer.headers().firstValue("Location")).contains("/api/v1/jobs/" + id);
    return id;
  }

  private List<Event> follow(String id, String last) throws Exception {
    HttpResponse<InputStream> answer = answer(id, last);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
    List<Event> events = new ArrayList<>();
    try (InputStream in = answer.body()) {
      EventReader reader = new EventReader(in);
      for (Optional<Event> e = reader.next(); e.isPresent(); e = reader.next()) {
        events.add(e.get());
      }
    }
    return events;
  }

  private HttpResponse<InputStream> answer(String id, String last) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(address("/api/v1/jobs/" + id + "/events"));
    if (!last.isEmpty()) {
      request.header("Last-Event-ID", last);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private void post(String path, int status) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(address(path)).POST(HttpRequest.BodyPublishers.noBody()).build();
    assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(status);
  }

  private URI address(String path) {
    return URI.create(server.address() + path);
  }
}
