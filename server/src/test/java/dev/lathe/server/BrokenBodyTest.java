package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that break off their bodies, or frame them wrongly, at every route that takes one. */
@Timeout(60)
class BrokenBodyTest {
  @TempDir private static Path data;
  private static LatheServer server;

  @BeforeAll
  static void start() {
    ServedModel.publish(data, 1);
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/models/demo/linear/infer, application/json, '{\"inputs\":['",
    "/api/v1/jobs, application/yaml, 'model: a'",
    "/api/v1/models/demo/linear/deployments, application/json, '{\"version\"'",
    "/api/v1/models/demo/linear/predict, application/json, '{\"inputs\":'",
    "/git/demo/linear.git/info/lfs/objects/batch, application/vnd.git-lfs+json, '{\"op'",
    "/git/demo/linear.git/git-upload-pack, application/x-git-upload-pack-request, '0014comm'"
  })
  void bodyThatBreaksOff_is400WithoutAnAlarm(String path, String type, String start)
      throws Exception {
    String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type + "\r\n";
    String chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
    String chunk = Integer.toHexString(start.length()) + "\r\n" + start + "\r\n";
    List<String> requests =
        List.of(
            head + "Content-Length: 999\r\n\r\n" + start,
            head + "Content-Encoding: gzip\r\nContent-Length: 999\r\n\r\n\u001f",
            chunked + "ZZ\r\n" + start,
            chunked + chunk + "ZZ\r\n",
            chunked + chunk,
            chunked + "3e7\r\n" + start);
    for (String request : requests) {
      try (Alarms alarms = new Alarms()) {
        String answer = exchange(request);
        assertThat(answer).as(request).startsWith("HTTP/1.1 400").doesNotContain("Exception");
        assertThat(alarms.seen).as(request).isEmpty();
      }
    }
  }

  @Test
  void connectionOfABrokenBody_isNotUsedAgain() throws Exception {
    String broken =
        "POST /v2/models/demo/linear/infer HTTP/1.1\r\nHost: localhost\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n";
    String answer = exchange(broken + "GET /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(answer).containsIgnoringCase("connection: close");
    assertThat(answer.split("HTTP/1.1 ", -1)).as(answer).hasSize(2);
  }

  /** Sends a request, says that nothing more follows, and reads until the server closes. */
  private static String exchange(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What is logged as severe. */
  private static final class Alarms extends Handler implements AutoCloseable {
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final Logger root = Logger.getLogger("");

    Alarms() {
      root.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
      if (line.getLevel().intValue() >= Level.SEVERE.intValue()) {
        seen.add(line.getMessage() + " " + line.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      root.removeHandler(this);
    }
  }
}
