package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.OpenAiConfig;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class FileDoorTest {
  private static final int MOST = 100_000;
  private static final String LINES = "{\"a\": 1}\n{\"b\": \"ü\"}\n";

  @TempDir private Path data;
  private final HttpClient http = HttpClient.newHttpClient();
  private LatheServer server;
  private RawHttp nobody;

  @BeforeEach
  void start() {
    ServerConfig usual = ServerConfig.of(data, 0).with(RawHttp.KEYS);
    server =
        LatheServer.start(
            usual.with(
                new OpenAiConfig(
                    new OpenAiConfig.Files(MOST, 5, 300_000),
                    usual.openAi().batches(),
                    usual.openAi().responses(),
                    usual.openAi().moderation())));
    nobody = new RawHttp(server, http, "");
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  @Test
  void file_isKeptAcrossARestartAndReadBackByteForByte() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    RawHttp.Answer made = ci.upload("batch", "lines.jsonl", LINES);
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    JsonNode file = made.json();
    String path = "/v1/files/" + file.get("id").stringValue();
    assertThat(file.get("object").stringValue()).isEqualTo("file");
    assertThat(file.get("bytes").intValue())
        .isEqualTo(LINES.getBytes(StandardCharsets.UTF_8).length);
    assertThat(file.get("filename").stringValue()).isEqualTo("lines.jsonl");
    assertThat(file.get("purpose").stringValue()).isEqualTo("batch");
    server.close();
    start();
    RawHttp again = new RawHttp(server, http, ci.key());
    assertThat(again.get(path).json()).isEqualTo(file);
    assertThat(again.get(path + "/content").text()).isEqualTo(LINES);
    assertThat(again.delete(path).json().get("deleted").booleanValue()).isTrue();
    RawHttp.Answer gone = again.get(path);
    assertThat(gone.status()).isEqualTo(404);
    assertThat(gone.message()).contains("No such File object");
    assertThat(gone.json().at("/error/param").stringValue()).isEqualTo("id");
    assertThat(gone.json().at("/error/code").isNull()).isTrue();
    assertThat(again.delete(path).status()).isEqualTo(404);
    assertThat(stored()).isEmpty();
  }

  @Test
  void files_areSeenByWhoMadeThemAndByAdministrators() throws Exception {
    RawHttp one = nobody.as(data, "one", "infer");
    RawHttp two = nobody.as(data, "two", "infer", "train", "read");
    RawHttp chief = nobody.as(data, "chief", "admin");
    String id = one.upload("batch", "mine", LINES).json().get("id").stringValue();
    for (String path : List.of("/v1/files/" + id, "/v1/files/" + id + "/content")) {
      assertThat(two.get(path).status()).isEqualTo(404);
      assertThat(one.get(path).status()).isEqualTo(200);
      assertThat(chief.get(path).status()).isEqualTo(200);
    }
    assertThat(two.delete("/v1/files/" + id).status()).isEqualTo(404);
    assertThat(two.get("/v1/files").json().get("data")).isEmpty();
    assertThat(chief.get("/v1/files").json().get("data")).hasSize(1);
    assertThat(chief.upload("batch", "x", "y").status()).isEqualTo(403);
    assertThat(one.upload("fine-tune", "x", "y").status()).isEqualTo(403);
    assertThat(two.upload("fine-tune", "x", "y").status()).isEqualTo(200);
  }

  @Test
  void list_comesInPages() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer", "train");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String purpose = i == 2 ? "fine-tune" : "batch";
      ids.add(ci.upload(purpose, "f" + i, "" + i).json().get("id").stringValue());
    }
    JsonNode first = ci.get("/v1/files?limit=2&order=asc").json();
    assertThat(first.at("/data/0/id").stringValue()).isEqualTo(ids.get(0));
    assertThat(first.get("has_more").booleanValue()).isTrue();
    assertThat(first.get("last_id").stringValue()).isEqualTo(ids.get(1));
    JsonNode rest = ci.get("/v1/files?order=asc&after=" + ids.get(1)).json();
    assertThat(rest.get("data")).hasSize(3);
    assertThat(rest.get("has_more").booleanValue()).isFalse();
    assertThat(ci.get("/v1/files").json().at("/data/0/id").stringValue()).isEqualTo(ids.get(4));
    assertThat(ci.get("/v1/files?purpose=fine-tune").json().get("data")).hasSize(1);
    for (String bad : List.of("limit=0", "limit=x", "limit=10001", "order=up", "after=file-x")) {
      RawHttp.Answer refused = ci.get("/v1/files?" + bad);
      assertThat(refused.status()).as(bad).isEqualTo(400);
      assertThat(refused.json().at("/error/param").stringValue())
          .isEqualTo(bad.substring(0, bad.indexOf('=')));
    }
    RawHttp.Answer full = ci.upload("batch", "sixth", "x");
    assertThat(full.status()).isEqualTo(400);
    assertThat(full.message()).contains("5 files are stored");
  }

  @Test
  void namesThatReachElsewhere_areOnlyNames() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    RawHttp.Answer made = ci.upload("batch", "../../../etc/passwd", "x");
    assertThat(made.json().get("filename").stringValue()).isEqualTo("passwd");
    for (String id :
        List.of("..%2F..%2Faccess", "%2e%2e", "file-..", "x%00", "incoming", "a".repeat(3000))) {
      RawHttp.Answer found = ci.get("/v1/files/" + id);
      assertThat(found.status()).as(id).isIn(400, 404);
      assertThat(found.text()).doesNotContain(data.toString());
      assertThat(ci.get("/v1/files/" + id + "/content").status()).as(id).isIn(400, 404);
    }
    assertThat(ci.upload("batch", "..", "x").status()).isIn(200, 400);
    assertThat(ci.upload("batch", "a/", "x").status()).isEqualTo(400);
    assertThat(ci.upload("batch", "n".repeat(300), "x").status()).isEqualTo(400);
  }

  @Test
  void brokenForms_leaveNothing() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    String purpose = RawHttp.part("purpose", "", "batch");
    String file = RawHttp.part("file", "a", "b");
    String end = "--xyz--\r\n";
    List<String> bodies =
        List.of(
            "",
            "nothing",
            end,
            purpose + end,
            file + end,
            purpose + file,
            purpose + file + file + end,
            purpose + purpose + file + end,
            RawHttp.part("purpose", "", "world peace") + file + end,
            RawHttp.part("odd", "", "x") + purpose + file + end,
            RawHttp.part("purpose", "", "batch".repeat(1000)) + file + end,
            purpose + RawHttp.part("file", "", "no name") + end,
            "--xyz\r\nContent-Type: text/plain\r\n\r\nx\r\n" + end,
            "--xyz\r\n" + "X: y\r\n".repeat(100) + "\r\nx\r\n" + end,
            "--xyz\r\nX: " + "y".repeat(10_000) + "\r\n\r\nx\r\n" + end,
            purpose + RawHttp.part("expires_after[seconds]", "", "5") + file + end,
            purpose
                + RawHttp.part("expires_after[anchor]", "", "created_at")
                + RawHttp.part("expires_after[seconds]", "", "5")
                + file
                + end);
    for (String body : bodies) {
      RawHttp.Answer refused = ci.form(body);
      assertThat(refused.status()).as(body).isEqualTo(400);
      assertThat(refused.message()).as(body).contains("expected: ");
    }
    for (String type :
        List.of("application/json", "multipart/form-data", "multipart/form-data; boundary=")) {
      byte[] bytes = (purpose + file + end).getBytes(StandardCharsets.UTF_8);
      assertThat(ci.send("POST", "/v1/files", type, bytes).status()).as(type).isEqualTo(400);
    }
    assertThat(stored()).isEmpty();
  }

  @Test
  void formsAsOtherClientsWriteThem_areTaken() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    String head = "--xyz\r\nContent-Disposition: form-data; ";
    String purpose = head + "name=purpose\r\n\r\nbatch\r\n";
    List<String> bodies =
        List.of(
            purpose + head + "name=\"file\"; filename=\"a.jsonl\"\r\n\r\nb\r\n--xyz--",
            purpose
                + head
                + "name=file; filename=a.jsonl; filename*=utf-8''b.jsonl\r\n\r\nb\r\n--xyz--\r\n",
            purpose
                + head
                + "filename=\"x; name=\\\"odd\\\"\"; Name=\"file\"\r\n\r\nb\r\n--xyz--  \r\nafter");
    for (String body : bodies) {
      RawHttp.Answer made = ci.form(body);
      assertThat(made.status()).as(made.text()).isEqualTo(200);
      String name = made.json().get("filename").stringValue();
      assertThat(name).isIn("a.jsonl", "x; name=\"odd\"");
      String id = made.json().get("id").stringValue();
      assertThat(ci.get("/v1/files/" + id + "/content").text()).isEqualTo("b");
    }
    RawHttp.Answer half = ci.form(purpose + head + "name=file; filename=a\r\n\r\nb\r\n--xyz-");
    assertThat(half.status()).isEqualTo(400);
  }

  @Test
  void contentLikeABoundary_isContent() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    String content = "\r\n--xy\r\n--xyy\r\n-\r\n--xy\nz\r\n--" + "\r\n".repeat(40_000) + "--xy";
    String id = ci.upload("batch", "odd", content).json().get("id").stringValue();
    assertThat(ci.get("/v1/files/" + id + "/content").text()).isEqualTo(content);
    String empty = ci.upload("batch", "empty", "").json().get("id").stringValue();
    assertThat(ci.get("/v1/files/" + empty + "/content").text()).isEmpty();
  }

  @Test
  void tooLargeFiles_areRefusedWithoutATrace() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    assertThat(ci.upload("batch", "most", "x".repeat(MOST)).status()).isEqualTo(200);
    RawHttp.Answer refused = ci.upload("batch", "large", "x".repeat(MOST + 1));
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.message()).contains("openai.files.max_size");
    assertThat(ci.upload("batch", "larger", "x".repeat(2 * MOST)).status()).isEqualTo(413);
    assertThat(ci.upload("batch", "most", "x".repeat(MOST)).status()).isEqualTo(200);
    assertThat(ci.upload("batch", "most", "x".repeat(MOST)).status()).isEqualTo(200);
    RawHttp.Answer together = ci.upload("batch", "one more", "x");
    assertThat(together.status()).isEqualTo(400);
    assertThat(together.message()).contains("300000 bytes are stored");
    assertThat(stored()).hasSize(3);
  }

  @Test
  void uploadThatBreaksOff_leavesNothing() throws Exception {
    RawHttp ci = nobody.as(data, "ci", "infer");
    for (int i = 0; i < 20; i++) {
      try (Socket socket = new Socket(server.address().getHost(), server.address().getPort());
          OutputStream out = socket.getOutputStream()) {
        String head =
            "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + ci.key()
                + "\r\nContent-Type: multipart/form-data; boundary=xyz\r\n"
                + "Content-Length: 50000\r\n\r\n";
        String half = RawHttp.part("purpose", "", "batch") + RawHttp.part("file", "a", "half");
        out.write((head + half).getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    }
    // The server may not have seen all of them yet while nothing of those that it saw is left.
    long calm = Duration.ofSeconds(2).toNanos();
    long begin = System.nanoTime();
    long seen = begin;
    for (long now = begin; now - seen < calm; now = System.nanoTime()) {
      List<Path> left = stored();
      assertThat(now - begin).as(left::toString).isLessThan(30 * calm);
      seen = left.isEmpty() ? seen : now;
      LockSupport.parkNanos(10_000_000);
    }
    assertThat(ci.upload("batch", "whole", "x").status()).isEqualTo(200);
  }

  /** Every file's content on the disk, those on their way too. */
  private List<Path> stored() throws IOException {
    Path root = data.resolve("files");
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).filter(file -> file.endsWith("content")).toList();
    }
  }
}
