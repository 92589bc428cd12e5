package dev.lathe.server;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Options of connections that are read for as long as they say. The web server itself does not set
 * the read timeout of a connection that it accepts; and where none is set, a connection that is
 * read ahead, to see whether its client is still there, counts as closed after a tenth of a second.
 *
 * @param inner the options
 */
record ReadWait(SocketOptions inner) implements SocketOptions {
  @Override
  public void configureSocket(SocketChannel channel) {
    inner.configureSocket(channel);
    try {
      channel.socket().setSoTimeout(Math.toIntExact(inner.readTimeout().toMillis()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return inner.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return inner.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return inner.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return inner.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return inner.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return inner.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return inner.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return inner.tcpNoDelay();
  }
}
