package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What hostile clients send over HTTP/1.1: each is refused, and others are served meanwhile. */
class HostileHttpTest {
  private static final String HOST = "Host: localhost\r\n";
  private static final String INFER = "POST /v2/models/demo/linear/infer HTTP/1.1\r\n" + HOST;
  private static final int CONNECTIONS = 40;

  @TempDir private Path data;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Socket> opened = new ArrayList<>();
  private LatheServer server;

  @BeforeEach
  void start() throws IOException {
    ServedModel.publish(data, 1);
    String text =
        """
        listen: {port: 0}
        limits:
          max_body: 64KiB
          header_timeout: 600ms
          body_timeout: 600ms
          idle_timeout: 600ms
          max_connections: %d
        """
            .formatted(CONNECTIONS);
    Path file = Files.writeString(data.resolve("server.yaml"), text);
    server =
        LatheServer.start(ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of())));
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : opened) {
      socket.close();
    }
    http.close();
    server.close();
  }

  @Test
  void connectionsThatSayNothing_areClosed() throws Exception {
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS - 2; i++) {
      silent.add(connect());
    }
    requireServed();
    for (Socket socket : silent) {
      assertClosed(socket);
    }
    requireServed();
  }

  @Test
  void clientsThatLeaveWithinTheirHeaders_fillNoLog() throws Exception {
    List<LogRecord> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("io.helidon.webserver.http1");
    logger.addHandler(handler);
    try {
      for (int i = 0; i < 10; i++) {
        Socket socket = connect();
        socket.getOutputStream().write((INFER + "Content-Ty").getBytes(StandardCharsets.US_ASCII));
        if (i > 0) {
          socket.shutdownOutput();
          socket.getInputStream().readAllBytes();
        } else {
          assertClosed(socket);
        }
      }
      requireServed();
      server.close();
      assertThat(logged).extracting(LogRecord::getMessage).isEmpty();
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void connectionsBeyondTheLimit_areServedOnceTheSilentOnesAreClosed() throws Exception {
    for (int i = 0; i < 3 * CONNECTIONS; i++) {
      connect();
    }
    requireServed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v2/health/live HTT",
        "GET /v2/health/live HTTP/1.1\r\nHost: local",
        "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n"
      })
  void headersThatStop_endTheConnection(String begin) throws Exception {
    Socket socket = connect();
    send(socket, begin);
    requireServed();
    assertClosed(socket);
  }

  @Test
  void headersThatDrip_haveOneDeadline() throws Exception {
    Socket socket = connect();
    send(socket, "GET /v2/health/live HTTP/1.1\r\n" + HOST);
    boolean closed = false;
    long patience = System.nanoTime() + 10_000_000_000L;
    socket.setSoTimeout(50);
    for (int i = 0; !closed && System.nanoTime() < patience; i++) {
      try {
        send(socket, "X-" + i + ": 1\r\n");
        closed = socket.getInputStream().read() < 0;
      } catch (java.net.SocketTimeoutException e) {
        closed = false;
      } catch (IOException e) {
        closed = true;
      }
    }
    assertThat(closed).isTrue();
    requireServed();
  }

  @Test
  void bodyThatStops_endsTheConnection() throws Exception {
    Socket socket = connect();
    send(
        socket,
        INFER + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"inputs\"");
    requireServed();
    assertClosed(socket);
  }

  @Test
  void connectionThatIsDone_isKeptForAWhileOnly() throws Exception {
    Socket socket = connect();
    send(socket, "GET /v2/health/live HTTP/1.1\r\n" + HOST + "\r\n");
    assertThat(readAll(socket)).startsWith("HTTP/1.1 200").contains("live");
  }

  /** A request may take longer than its headers may. */
  @Test
  void requestThatIsLong_isNotTakenForASlowOne() throws Exception {
    Socket socket = connect();
    String body = " ".repeat(2000);
    send(socket, INFER + "Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n");
    long end = System.nanoTime() + 2_000_000_000L;
    for (int i = 0; i < 2000; i++) {
      send(socket, body.substring(i, i + 1));
      while (System.nanoTime() < end - (2000 - i) * 1_000_000L) {
        Thread.onSpinWait();
      }
    }
    assertThat(readAll(socket)).startsWith("HTTP/1.1 400").contains("body: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2000})
  void headerBombs_areRefused(int count) throws Exception {
    StringBuilder bomb = new StringBuilder("GET /v2/health/live HTTP/1.1\r\n" + HOST);
    int size = 40_000 / count;
    for (int i = 0; i < count; i++) {
      bomb.append("X-").append(i).append(": ").append("a".repeat(size)).append("\r\n");
    }
    assertThat(answer(bomb + "\r\n")).matches("(?s)(HTTP/1.1 4\\d\\d .*)?");
    requireServed();
  }

  @Test
  void firstLineWithoutEnd_isRefused() throws Exception {
    assertThat(answer("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\n" + HOST + "\r\n"))
        .matches("(?s)(HTTP/1.1 4\\d\\d .*)?");
    requireServed();
  }

  /** Two ways to say where a body ends are how requests are smuggled past a proxy. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Content-Length: 5, 6\r\n\r\nhello!",
        "Content-Length: -5\r\n\r\n",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n"
      })
  void framingThatIsAmbiguous_isRefusedAndNothingBehindItIsRead(String framing) throws Exception {
    String smuggled = "GET /v2/health/live HTTP/1.1\r\n" + HOST + "\r\n";
    String answer = answer(INFER + "Content-Type: application/json\r\n" + framing + smuggled);
    assertThat(answer).matches("(?s)(HTTP/1.1 4\\d\\d .*)?").doesNotContain("\"live\"");
    requireServed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/%",
        "/v2/%2",
        "/v2/%zz",
        "/v2/models/demo%00/linear",
        "/v2/models/demo/linear%00",
        "/v2/models/%c0%ae%c0%ae/linear",
        "/v2/models/..%2f..%2fetc/passwd",
        "/v2/models/../../etc/passwd",
        "/v2/models/demo/linear/versions/%2e%2e",
        "/git/demo/..%2f..%2fx.git/info/refs?service=git-upload-pack",
        "/api/v1/models/demo/linear/versions/v1/files/..%2f..%2f..%2fkeys.json",
        "/console/..%2f..%2fx"
      })
  void pathThatIsDamaged_isRefused(String path) throws Exception {
    String answer = answer("GET " + path + " HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 4");
    requireServed();
  }

  @Test
  void bytesThatAreNoRequest_areRefused() throws Exception {
    assertThat(answer("\0\0\0\0\0\0\0\0\r\n\r\n")).doesNotContain("200");
    assertThat(answer("GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"))
        .doesNotContain(" 500 ");
    assertThat(answer("GET /v2 HTTP/1.0\r\n\r\n")).doesNotContain(" 500 ");
    assertThat(answer("GET /v2 HTTP/9.9\r\n" + HOST + "\r\n")).doesNotContain("HTTP/1.1 200");
    assertThat(answer("GET /v2 HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 4");
    requireServed();
  }

  @Test
  void floodOfChunks_isLimitedLikeAnyBody() throws Exception {
    StringBuilder flood =
        new StringBuilder(
            INFER + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    flood.append("1\r\n \r\n".repeat(80_000));
    assertThat(answer(flood + "0\r\n\r\n")).matches("(?s)(HTTP/1.1 4\\d\\d .*)?");
    requireServed();
  }

  @Test
  void chunkLineWithoutEnd_isRefused() throws Exception {
    String begin = INFER + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    assertThat(answer(begin + "1;" + "x".repeat(200_000))).matches("(?s)(HTTP/1.1 4\\d\\d .*)?");
    requireServed();
  }

  @Test
  void floodOfPipelinedRequests_isAnsweredInOrder() throws Exception {
    String one = "GET /v2/health/live HTTP/1.1\r\n" + HOST + "\r\n";
    String last = "GET /nowhere HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n";
    String answers = answer(one.repeat(500) + last);
    assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(501);
    assertThat(answers.substring(answers.lastIndexOf("HTTP/1.1"))).startsWith("HTTP/1.1 404");
    requireServed();
  }

  private void requireServed() throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(server.address() + "/v2/health/live"))
                .timeout(java.time.Duration.ofSeconds(20))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private String answer(String request) throws IOException {
    Socket socket = connect();
    try {
      send(socket, request);
    } catch (IOException e) {
      return "";
    }
    return readAll(socket);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.address().getPort());
    socket.setSoTimeout(20_000);
    opened.add(socket);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** What comes until the connection ends; a connection that is reset ends as well. */
  private static String readAll(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = socket.getInputStream();
    byte[] part = new byte[8192];
    try {
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        text.append(new String(part, 0, read, StandardCharsets.ISO_8859_1));
      }
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return text.toString();
    }
    return text.toString();
  }

  private static void assertClosed(Socket socket) throws IOException {
    assertThat(readAll(socket)).doesNotContain(" 200 ").doesNotContain(" 500 ");
  }
}
