package dev.lathe.server;

import static dev.lathe.server.Http2Socket.DATA;
import static dev.lathe.server.Http2Socket.END_HEADERS;
import static dev.lathe.server.Http2Socket.END_STREAM;
import static dev.lathe.server.Http2Socket.GO_AWAY;
import static dev.lathe.server.Http2Socket.HEADERS;
import static dev.lathe.server.Http2Socket.PING;
import static dev.lathe.server.Http2Socket.RESET;
import static dev.lathe.server.Http2Socket.WINDOW_UPDATE;
import static dev.lathe.server.Http2Socket.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of HTTP/2 that send or read too slowly lose what is too slow, and nothing else. */
@Timeout(60)
class SlowHttp2Test {
  private static final String INFER = "/v2/models/demo/same/infer";
  private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};
  private static final long STEP = 100_000_000;
  private static LatheServer server;
  private static GrpcClient other;

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
          header_timeout: 600ms
          body_timeout: 700ms
          idle_timeout: 1s
          write_timeout: 700ms
          stream_timeout: 1500ms
          rate_grace: 1s
        """;
    Path file = Files.writeString(data.resolve("server.yaml"), text);
    server =
        LatheServer.start(ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of())));
    other = new GrpcClient(server.address().getPort());
  }

  @AfterAll
  static void stop() {
    other.close();
    server.close();
  }

  private static Http2Socket connect(byte... settings) throws IOException {
    return new Http2Socket(server.address().getPort(), settings);
  }

  private static byte[] post(String path, String type) throws IOException {
    return frame(HEADERS, END_HEADERS, 1, Http2Socket.headers("POST", path, type));
  }

  private static byte[] rpc(String method) throws IOException {
    return post("/" + GrpcClient.SERVICE + method, "application/grpc");
  }

  @Test
  void connectionWithoutRequests_isTakenLeaveOf() throws Exception {
    try (Http2Socket silent = connect()) {
      Http2Socket.Received end = silent.await(GO_AWAY);
      assertThat(end.number(0)).isZero();
      assertThat(end.number(4)).as("no error").isZero();
      assertThat(silent.next()).isEmpty();
    }
  }

  @Test
  void pings_keepAConnection() throws Exception {
    try (Http2Socket alive = connect()) {
      for (int i = 0; i < 30; i++) {
        alive.send(frame(PING, 0, 0, new byte[8]));
        LockSupport.parkNanos(STEP);
      }
      alive.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, live()));
      assertThat(alive.await(HEADERS).stream()).isEqualTo(1);
    }
  }

  private static byte[] live() throws IOException {
    return Http2Socket.headers("GET", "/v2/health/live", "text/plain");
  }

  @Test
  void headersWithoutEnd_endTheConnection() throws Exception {
    try (Http2Socket slow = connect()) {
      slow.send(frame(HEADERS, 0, 1, live()));
      for (int i = 0; i < 5; i++) {
        slow.send(frame(Http2Socket.CONTINUATION, 0, 1, new byte[0]));
        LockSupport.parkNanos(STEP);
      }
      assertThat(slow.await(GO_AWAY).number(4)).as("enhance your calm").isEqualTo(11);
      assertThat(slow.next()).isEmpty();
    }
  }

  @Test
  void halfAFrame_endsTheConnection() throws Exception {
    try (Http2Socket slow = connect()) {
      slow.send(new byte[] {0, 0, 8, 6});
      assertThat(slow.await(GO_AWAY).number(4)).isEqualTo(11);
      assertThat(slow.next()).isEmpty();
    }
  }

  @Test
  void callWithoutItsMessage_expires() throws Exception {
    try (Http2Socket slow = connect()) {
      slow.send(rpc("ModelInfer"));
      assertThat(slow.await(HEADERS).flags() & END_STREAM).isEqualTo(END_STREAM);
      assertThat(slow.await(RESET).number(0)).as("no error").isZero();
    }
  }

  @Test
  void streamWithoutQuestions_isKept_untilItsOwnLimit() throws Exception {
    long begin = System.nanoTime();
    ClientCall<byte[], byte[]> call =
        other
            .channel()
            .newCall(
                GrpcClient.descriptor(
                    GrpcClient.SERVICE + "ModelStreamInfer", MethodType.BIDI_STREAMING),
                CallOptions.DEFAULT);
    Status status = end(call);
    assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(status.getDescription()).contains("no message and no ping came");
    assertThat(System.nanoTime() - begin).isGreaterThan(1_400_000_000L);
  }

  private static Status end(ClientCall<byte[], byte[]> call) throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    return end.get(30, TimeUnit.SECONDS);
  }

  @Test
  void halfAMessage_expires_andTheStreamIsReset() throws Exception {
    try (Http2Socket slow = connect()) {
      slow.send(rpc("ModelStreamInfer"));
      slow.send(frame(DATA, 0, 1, new byte[] {0, 0, 0, 0, 9, 1}));
      assertThat(slow.await(HEADERS).flags() & END_STREAM).isEqualTo(END_STREAM);
      assertThat(slow.await(RESET).number(0)).as("no error").isZero();
      slow.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, live()));
      assertThat(slow.await(HEADERS).stream()).as("others go on").isEqualTo(3);
    }
  }

  @Test
  void bodyThatStops_isTimedOut() throws Exception {
    try (Http2Socket slow = connect()) {
      slow.send(post(INFER, "application/json"));
      slow.send(frame(DATA, 0, 1, new byte[] {'{'}));
      assertThat(text(slow)).contains("nothing came of a body or message for 700 ms");
      slow.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, live()));
      assertThat(slow.await(HEADERS).stream()).as("others go on").isEqualTo(3);
    }
  }

  @Test
  void bodyThatDrips_isTimedOut() throws Exception {
    try (Http2Socket slow = connect()) {
      slow.send(post(INFER, "application/json"));
      for (int i = 0; i < 25; i++) {
        slow.send(frame(DATA, 0, 1, new byte[] {' '}));
        LockSupport.parkNanos(STEP);
      }
      assertThat(text(slow)).contains("too slowly");
    }
  }

  /** The text of the answer on the first stream. */
  private static String text(Http2Socket socket) throws IOException {
    return new String(socket.await(DATA).payload());
  }

  @Test
  void answerThatIsNotRead_isReset() throws Exception {
    try (Http2Socket slow = connect(NO_WINDOW)) {
      slow.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, live()));
      assertThat(slow.await(RESET).number(0)).as("cancel").isEqualTo(8);
    }
  }

  @Test
  void answerThatIsReadByteByByte_isReset() throws Exception {
    try (Http2Socket slow = connect(NO_WINDOW)) {
      slow.send(
          frame(
              HEADERS,
              END_HEADERS | END_STREAM,
              1,
              Http2Socket.headers("GET", "/metrics", "text/plain")));
      boolean reset = false;
      for (int i = 0; i < 100 && !reset; i++) {
        slow.send(frame(WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 1}));
        Optional<Http2Socket.Received> next = slow.next();
        reset = next.orElseThrow().type() == RESET;
        LockSupport.parkNanos(STEP);
      }
      assertThat(reset).isTrue();
    }
  }
}
