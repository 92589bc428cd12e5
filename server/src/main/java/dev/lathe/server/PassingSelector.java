package dev.lathe.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A protocol whose connections are looked at, or replaced, before they are served.
 *
 * @param inner the protocol
 * @param before what is served for each connection
 */
record PassingSelector(ServerConnectionSelector inner, UnaryOperator<ConnectionContext> before)
    implements ServerConnectionSelector {
  @Override
  public int bytesToIdentifyConnection() {
    return inner.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return inner.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return inner.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return inner.connection(before.apply(context));
  }
}
