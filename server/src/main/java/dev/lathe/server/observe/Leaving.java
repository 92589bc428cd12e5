package dev.lathe.server.observe;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * While the server is about to stop, tells clients of HTTP/1.1 with each answer to take another
 * connection for the next request, so that none is lost on one that is closed.
 *
 * @param health knows when
 */
public record Leaving(Health health) implements Filter {
  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (health.isDraining() && request.prologue().protocolVersion().startsWith("1")) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    chain.proceed();
  }
}
