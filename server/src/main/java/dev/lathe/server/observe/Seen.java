package dev.lathe.server.observe;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * Stands before everything else of HTTP: gives each request its id, taken over from {@code
 * X-Request-Id} if that is sound, says it in the answer, and has the request looked at until its
 * last byte is sent.
 *
 * @param observatory looks on
 */
record Seen(Observatory observatory) implements Filter {
  private static final HeaderName ID = HeaderNames.create("X-Request-Id");
  private static final HeaderName VERSION = HeaderNames.create("Lathe-Version");
  private static final HeaderName TRACE = HeaderNames.create("traceresponse");

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    Arrival arrival =
        new Arrival(
            request.prologue().method().text(),
            name -> request.headers().first(HeaderNames.create(name)).orElse(""));
    Observed seen = observatory.begin(arrival);
    response.header(ID, seen.id());
    seen.onVersion(version -> response.header(VERSION, version));
    String parent = seen.traceParent();
    if (!parent.isEmpty()) {
      response.header(TRACE, parent);
    }
    if (observatory.isLogged()) {
      response.whenSent(() -> observatory.end(seen, passage(request, response)));
    }
    seen.during(chain::proceed);
  }

  private static AccessLog.Passage passage(RoutingRequest request, RoutingResponse response) {
    return new AccessLog.Passage(
        request.prologue().method().text(),
        request.path().rawPath(),
        request.matchingPattern().orElse(""),
        request.prologue().rawProtocol(),
        request.remotePeer().host(),
        response.status().code(),
        response.bytesWritten());
  }
}
