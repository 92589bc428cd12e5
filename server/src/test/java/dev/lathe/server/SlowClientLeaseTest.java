package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that sends or reads slowly holds its own connection, and no model. */
@Timeout(60)
class SlowClientLeaseTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int LARGE = 24 << 20;
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/adding", Models.adding(1));
      registry.deploy(ModelName.parse("demo/adding"), "v1", "prod");
      Models.publish(registry, "demo/same", Models.identity(ElementType.FLOAT));
      registry.deploy(ModelName.parse("demo/same"), "v1", "prod");
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
    CLIENT.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/models/demo/adding/infer",
        "/v2/models/demo/adding/infer;Inference-Header-Content-Length: 0",
        "/v1/models/demo/adding:predict"
      })
  void bodyThatDoesNotCome_leavesTheModelFree(String asked) throws Exception {
    String path = asked.split(";")[0];
    String header = asked.contains(";") ? asked.split(";")[1] + "\r\n" : "";
    try (Socket slow = connect()) {
      say(slow, head(path, 64) + header + "Expect: 100-continue\r\n\r\n");
      // The server says so when somebody begins to read the body.
      assertThat(line(slow.getInputStream())).contains(" 100 ");
      say(slow, "{");
      assertThat(leases("demo/adding")).isZero();
    }
  }

  @Test
  void answerThatIsNotRead_leavesTheModelFree() throws Exception {
    try (Socket slow = connect()) {
      say(
          slow,
          head("/v2/models/demo/same/infer", LARGE) + "Inference-Header-Content-Length: 0\r\n\r\n");
      byte[] piece = new byte[1 << 20];
      for (int sent = 0; sent < LARGE; sent += piece.length) {
        slow.getOutputStream().write(piece);
      }
      // The first byte says that the answer is on its way; the rest of it has no room to go to.
      assertThat(slow.getInputStream().read()).isEqualTo('H');
      assertThat(leases("demo/same")).isZero();
      byte[] rest = slow.getInputStream().readNBytes(LARGE);
      assertThat(rest).as("the answer is whole all the same").hasSize(LARGE);
    }
  }

  private static String head(String path, int length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n";
  }

  private static Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(64 << 10);
    socket.connect(new InetSocketAddress("127.0.0.1", server.address().getPort()));
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  private static double leases(String model) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + "/metrics")).build();
    return CLIENT
        .send(request, HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(one -> one.startsWith("lathe_model_leases{") && one.contains(model))
        .mapToDouble(one -> Double.parseDouble(one.substring(one.lastIndexOf(' ') + 1)))
        .sum();
  }
}
