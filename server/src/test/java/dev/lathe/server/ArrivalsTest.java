package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose fault it is that a request does not come. */
@Timeout(30)
class ArrivalsTest {
  private final Arrivals arrivals =
      new Arrivals(
          new Patience(
              Duration.ofMillis(100),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              1024,
              new Patience.Sending(
                  Duration.ofMinutes(1), Duration.ofHours(1), 1024, Duration.ofSeconds(10))),
          new AddressCounts(0, 1024));
  private ServerSocketChannel server;

  @BeforeEach
  void listen() throws IOException {
    server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void close() throws IOException {
    arrivals.close();
    server.close();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.socket().getLocalPort());
  }

  private SocketChannel accept() throws IOException {
    SocketChannel accepted = server.accept();
    arrivals.options(SocketOptions.builder().build()).configureSocket(accepted);
    return accepted;
  }

  @Test
  void whatWasSentAndNotRead_isNotTheClientsFault() throws IOException {
    try (Socket prompt = connect();
        SocketChannel unread = accept()) {
      prompt.getOutputStream().write("GET".getBytes());
      for (int i = 0; i < 2; i++) {
        requireSilentOneIsClosed();
      }
      assertThat(unread.isOpen()).isTrue();
      assertThat(unread.read(ByteBuffer.allocate(16))).isEqualTo(3);
      assertThat(prompt.getInputStream().read()).as("closed once it is read").isEqualTo(-1);
    }
  }

  private void requireSilentOneIsClosed() throws IOException {
    try (Socket silent = connect();
        SocketChannel channel = accept()) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(channel.isOpen()).isFalse();
    }
  }
}
