package dev.lathe.server;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;

/**
 * Tells two listeners of what is received. The web server takes several listeners but tells none of
 * them once there is more than one.
 *
 * @param first hears it first
 * @param second hears it then
 */
record Received(Http1ConnectionListener first, Http1ConnectionListener second)
    implements Http1ConnectionListener {
  @Override
  public void prologue(ConnectionContext context, HttpPrologue prologue) {
    first.prologue(context, prologue);
    second.prologue(context, prologue);
  }

  @Override
  public void headers(ConnectionContext context, Headers headers) {
    first.headers(context, headers);
    second.headers(context, headers);
  }
}
