package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
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
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one client, and all together, may hold of the server over HTTP/1.1. */
@Timeout(60)
class ClientLimitsTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int LARGE = 24 << 20;
  private static final int MOST = 8;
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data) throws IOException {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/same", Models.identity(ElementType.FLOAT));
      registry.deploy(ModelName.parse("demo/same"), "v1", "prod");
    }
    String text =
        """
        listen: {port: 0}
        limits:
          max_body: 32MiB
          max_bodies: 40MiB
          max_connections_per_address: %d
          write_timeout: 700ms
        """
            .formatted(MOST);
    Path file = Files.writeString(data.resolve("server.yaml"), text);
    server =
        LatheServer.start(ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of())));
  }

  @AfterAll
  static void stop() {
    server.close();
    CLIENT.close();
  }

  private static Socket connect(String from) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(64 << 10);
    socket.setSoTimeout(20_000);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress("127.0.0.1", server.address().getPort()));
    return socket;
  }

  private static void ask(Socket socket, int bytes) throws IOException {
    String head =
        "POST /v2/models/demo/same/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + LARGE
            + "\r\nInference-Header-Content-Length: 0\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    byte[] piece = new byte[1 << 20];
    for (int sent = 0; sent < bytes; sent += piece.length) {
      socket.getOutputStream().write(piece);
    }
  }

  @Test
  void answerThatIsNotRead_endsTheConnection() throws Exception {
    try (Socket slow = connect("127.0.0.2")) {
      ask(slow, LARGE);
      assertThat(slow.getInputStream().read()).isEqualTo('H');
      await("lathe_clients_ended_total{reason=\"unread\"}", 1);
      assertThat(read(slow.getInputStream())).isLessThan(LARGE);
    }
  }

  /** How much comes until the connection ends. */
  private static long read(InputStream in) throws IOException {
    long read = 0;
    byte[] part = new byte[1 << 16];
    try {
      for (int next = in.read(part); next >= 0; next = in.read(part)) {
        read += next;
      }
    } catch (SocketException e) {
      return read;
    }
    return read;
  }

  @Test
  void bodiesOfManyTogether_haveALimit() throws Exception {
    try (Socket first = connect("127.0.0.3");
        Socket second = connect("127.0.0.3")) {
      ask(first, LARGE - (1 << 20));
      await("lathe_bodies_bytes", LARGE - (2 << 20));
      try {
        ask(second, LARGE);
      } catch (IOException e) {
        assertThat(e).as("refused amid the body").isNotNull();
      }
      StringBuilder answer = new StringBuilder();
      while (answer.indexOf("try again") < 0) {
        answer.append((char) second.getInputStream().read());
      }
      assertThat(answer.toString())
          .startsWith("HTTP/1.1 429")
          .containsIgnoringCase("retry-after: 1")
          .contains("bodies that are being received");
      first.getOutputStream().write(new byte[1 << 20]);
      assertThat(first.getInputStream().read()).as("the first is answered").isEqualTo('H');
    }
    await("lathe_bodies_bytes", -1);
  }

  @Test
  void oneAddress_hasItsShareOfConnections() throws Exception {
    List<Socket> many = new ArrayList<>();
    try {
      for (int i = 0; i < MOST + 3; i++) {
        many.add(connect("127.0.0.4"));
      }
      for (Socket beyond : many.subList(MOST, many.size())) {
        assertThat(read(beyond.getInputStream())).isZero();
      }
      try (Socket another = connect("127.0.0.5")) {
        another
            .getOutputStream()
            .write("GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
        assertThat(another.getInputStream().read()).as("others are served").isEqualTo('H');
      }
    } finally {
      for (Socket socket : many) {
        socket.close();
      }
    }
    long patience = System.nanoTime() + 20_000_000_000L;
    while (!isServed("127.0.0.4")) {
      assertThat(System.nanoTime()).as("once there is room").isLessThan(patience);
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** The server may not have seen yet that others are closed. */
  private static boolean isServed(String address) {
    try (Socket socket = connect(address)) {
      socket
          .getOutputStream()
          .write("GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
      return socket.getInputStream().read() == 'H';
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until a figure is above a bound; one below zero means that it is zero. */
  private static void await(String figure, long bound) throws Exception {
    long patience = System.nanoTime() + 20_000_000_000L;
    double now = figure(figure);
    while (bound < 0 ? now > 0 : now < bound) {
      assertThat(System.nanoTime()).as(figure + " is " + now).isLessThan(patience);
      LockSupport.parkNanos(20_000_000);
      now = figure(figure);
    }
  }

  private static double figure(String name) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + "/metrics")).build();
    return CLIENT
        .send(request, HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
