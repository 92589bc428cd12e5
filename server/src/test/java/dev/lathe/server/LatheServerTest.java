package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.grpc.wire.WireWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatheServerTest {
  @TempDir private Path data;

  @Test
  void publicHost_isRefusedWithoutAccessControl() {
    ServerConfig config = ServerConfig.of(data, 0).with(new ServerConfig.Listen("0.0.0.0", 0));
    assertThatThrownBy(() -> LatheServer.start(config))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("0.0.0.0")
        .hasMessageContaining("access.required: true");
  }

  @Test
  void takenPort_isNamed() {
    try (LatheServer first = LatheServer.start(ServerConfig.of(data.resolve("a"), 0))) {
      int port = first.address().getPort();
      assertThatThrownBy(() -> LatheServer.start(ServerConfig.of(data.resolve("b"), port)))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("port " + port)
          .hasMessageContaining("--port");
    }
  }

  @Test
  void unknownRoute_is404WithJsonError() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      HttpResponse<String> answer = get(server.address().resolve("/nowhere"));
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body()).isEqualTo("{\"error\":\"GET /nowhere: no such route\"}");
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }
  }

  @Test
  void malformedPercentEncoding_is400() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      for (String path : new String[] {"/v2/models/%zz", "/v2/models/%", "/%f"}) {
        String answer = raw(server, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(answer).as(path).startsWith("HTTP/1.1 400").contains("{\"error\":");
      }
    }
  }

  @Test
  void foreignHostHeader_isRefused() throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      String answer = raw(server, "GET /v2 HTTP/1.1\r\nHost: evil.example:80\r\n\r\n");
      assertThat(answer).startsWith("HTTP/1.1 403").contains("evil.example");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Host: 0.0.0.0:8000, 200",
    "Host: [::]:8000, 200",
    "Host: 0.0.0.0.evil.example:8000, 403",
    "Host: 0.0.0.0:8000|Origin: http://evil.example:8000, 403"
  })
  void unspecifiedAddressAsHost_isThisMachine(String headers, int status) throws Exception {
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      String lines = headers.replace("|", "\r\n");
      assertThat(raw(server, "GET /v2 HTTP/1.1\r\n" + lines + "\r\n\r\n"))
          .startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void serverName_isWhatClientsAreTold() throws Exception {
    Map<String, String> set = Map.of("listen.port", "0", "listen.server_name", "triton");
    ConfigSources sources = new ConfigSources(Path.of(""), Map.of(), set);
    try (LatheServer server = LatheServer.start(ServerConfig.read(data, sources));
        GrpcClient client = new GrpcClient(server.address().getPort())) {
      assertThat(get(server.address().resolve("/v2")).body()).startsWith("{\"name\":\"triton\",");
      byte[] metadata = client.call(GrpcClient.SERVICE + "ServerMetadata", new WireWriter());
      assertThat(GrpcClient.text(metadata, 1)).isEqualTo("triton");
    }
  }

  @Test
  void closedServer_freesItsPort() throws Exception {
    LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
    int port = server.address().getPort();
    server.close();
    LatheServer.start(ServerConfig.of(data, port)).close();
  }

  private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Sends bytes as they are and reads until the server closes or 64 KiB came. */
  static String raw(LatheServer server, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      byte[] answer = new byte[1 << 16];
      int length = 0;
      while (!complete(answer, length)) {
        int read = in.read(answer, length, answer.length - length);
        if (read < 0) {
          break;
        }
        length += read;
      }
      return new String(answer, 0, length, StandardCharsets.UTF_8);
    }
  }

  private static boolean complete(byte[] answer, int length) {
    String text = new String(answer, 0, length, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    String head = text.substring(0, end).toLowerCase(java.util.Locale.ROOT);
    int at = head.indexOf("content-length:");
    if (at < 0) {
      return false;
    }
    int lineEnd = head.indexOf('\r', at);
    String value = head.substring(at + 15, lineEnd < 0 ? head.length() : lineEnd).trim();
    return length >= end + 4 + Integer.parseInt(value);
  }
}
