package dev.lathe.server;

import static dev.lathe.server.Http2Socket.CONTINUATION;
import static dev.lathe.server.Http2Socket.DATA;
import static dev.lathe.server.Http2Socket.END_HEADERS;
import static dev.lathe.server.Http2Socket.HEADERS;
import static dev.lathe.server.Http2Socket.PING;
import static dev.lathe.server.Http2Socket.RESET;
import static dev.lathe.server.Http2Socket.SETTINGS;
import static dev.lathe.server.Http2Socket.WINDOW_UPDATE;
import static dev.lathe.server.Http2Socket.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames of HTTP/2 without end or sense: others are served meanwhile, and nothing is kept. */
@Timeout(60)
class Http2FloodTest {
  private static final int FRAMES = 20_000;

  @TempDir private Path data;
  private LatheServer server;
  private GrpcClient other;

  /** What is sent again and again. */
  enum Flood {
    RESETS,
    HEADERS_WITHOUT_END,
    OPEN_STREAMS,
    PINGS,
    SETTINGS_AGAIN,
    WINDOWS,
    EMPTY_DATA
  }

  @BeforeEach
  void start() {
    server = LatheServer.start(ServerConfig.of(data, 0));
    other = new GrpcClient(server.address().getPort());
  }

  @AfterEach
  void stop() {
    other.close();
    server.close();
  }

  @ParameterizedTest
  @EnumSource(Flood.class)
  void flood_isBounded_andOthersAreServed(Flood flood) throws Exception {
    requireServed();
    send(flood).join();
    requireServed();
    while (server.underway() > 0) {
      Thread.onSpinWait();
    }
  }

  /** Returns what reads the answers, which ends with the connection. */
  private Thread send(Flood flood) throws IOException {
    int sent = 0;
    try (Socket socket = connect()) {
      Thread reader = Thread.ofVirtual().start(() -> drain(socket));
      OutputStream out = socket.getOutputStream();
      try {
        for (; sent < FRAMES; sent++) {
          out.write(frames(flood, sent));
          if (sent % 4000 == 1000) {
            requireServed();
          }
        }
      } catch (IOException e) {
        assertThat(sent).as("the server hung up at once").isPositive();
      }
      requireServed();
      return reader;
    }
  }

  /** More resets than any caller has reason for end the connection. */
  @Test
  void resetsWithoutEnd_endTheConnection() throws Exception {
    try (Socket socket = connect()) {
      Thread reader = Thread.ofVirtual().start(() -> drain(socket));
      OutputStream out = socket.getOutputStream();
      boolean ended = false;
      for (int i = 0; i < 200_000 && !ended; i++) {
        try {
          out.write(frames(Flood.RESETS, i));
        } catch (IOException e) {
          ended = true;
        }
      }
      assertThat(ended).isTrue();
      reader.join();
    }
    requireServed();
  }

  private void requireServed() {
    byte[] answer =
        other.call(
            GrpcClient.SERVICE + "ServerLive",
            new WireWriter(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    assertThat(GrpcClient.text(answer, 1)).isEqualTo("1");
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.getOutputStream().write(Http2Socket.PREFACE);
    socket.getOutputStream().write(frame(SETTINGS, 0, 0, new byte[0]));
    return socket;
  }

  private static void drain(Socket socket) {
    try (InputStream in = socket.getInputStream()) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The end, one way or the other.
    }
  }

  private static byte[] frames(Flood flood, int number) throws IOException {
    int stream = 2 * number + 1;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (flood) {
      case RESETS -> {
        out.write(frame(HEADERS, END_HEADERS, stream, call()));
        out.write(frame(RESET, 0, stream, new byte[] {0, 0, 0, 8}));
      }
      case HEADERS_WITHOUT_END ->
          out.write(
              number == 0 ? frame(HEADERS, 0, 1, call()) : frame(CONTINUATION, 0, 1, new byte[0]));
      case OPEN_STREAMS -> out.write(frame(HEADERS, END_HEADERS, stream, call()));
      case PINGS -> out.write(frame(PING, 0, 0, new byte[8]));
      case SETTINGS_AGAIN -> out.write(frame(SETTINGS, 0, 0, new byte[0]));
      case WINDOWS -> out.write(frame(WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 1}));
      case EMPTY_DATA ->
          out.write(
              number == 0
                  ? frame(HEADERS, END_HEADERS, 1, call())
                  : frame(DATA, 0, 1, new byte[0]));
    }
    return out.toByteArray();
  }

  private static byte[] call() throws IOException {
    return Http2Socket.headers(
        "POST", "/" + GrpcClient.SERVICE + "ModelStreamInfer", "application/grpc");
  }
}
