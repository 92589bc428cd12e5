package dev.lathe.server;

import io.helidon.common.socket.SocketOptions;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Options of connections that tell of each.
 *
 * @param inner the options
 * @param accepted is told of a connection once it has its options
 */
record NoticedOptions(SocketOptions inner, Consumer<SocketChannel> accepted)
    implements SocketOptions {
  @Override
  public void configureSocket(SocketChannel channel) {
    inner.configureSocket(channel);
    accepted.accept(channel);
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
