package dev.lathe.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRoute;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * The routes of all doors, each behind the right that it takes. It remembers them, so that a
 * request that none of them takes can be told whether the path is unknown (404) or only the method
 * is wrong (405).
 */
final class RouteBook implements Routes {
  private static final List<Method> METHODS =
      List.of(Method.GET, Method.HEAD, Method.POST, Method.PUT, Method.PATCH, Method.DELETE);

  private final Guard guard;
  private final HttpRouting.Builder inner = HttpRouting.builder();
  private final List<Entry> entries = new ArrayList<>();

  RouteBook(Guard guard) {
    this.guard = guard;
  }

  /**
   * A route as it was stated.
   *
   * @param right what its caller must be allowed to do
   * @param method the HTTP method
   * @param path the full path, its parameters in braces
   * @param route what takes requests
   */
  record Entry(Right right, Method method, String path, HttpRoute route) {}

  @Override
  public Routes route(Right right, Method method, String path, Handler handler) {
    HttpRoute route =
        HttpRoute.builder()
            .methods(method)
            .path(PathMatchers.create(path))
            .handler(guard.behind(right, handler))
            .build();
    entries.add(new Entry(right, method, path, route));
    inner.route(route);
    return this;
  }

  /** What every request passes before its route is looked for. */
  void addFilter(Filter filter) {
    inner.addFilter(filter);
  }

  /** All routes, in the order in which they are tried. */
  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** The routing that the web server takes; nothing can be added afterwards. */
  HttpRouting.Builder finished() {
    ErrorMapping.install(inner);
    inner.any(guard.behind(Right.KNOWN, this::refuse));
    return inner;
  }

  private void refuse(ServerRequest request, ServerResponse response) {
    List<String> allowed =
        METHODS.stream().filter(m -> accepts(request.prologue(), m)).map(Method::text).toList();
    String path = request.path().rawPath();
    String what = request.prologue().method().text() + " " + path;
    if (allowed.isEmpty()) {
      ErrorMapping.send(request, response, new ErrorMapping.Answer(404, what + ": no such route"));
      return;
    }
    String methods = String.join(", ", allowed);
    response.header(HeaderNames.ALLOW, methods);
    ErrorMapping.send(
        request,
        response,
        new ErrorMapping.Answer(405, what + ": wrong method (expected: " + methods + ")"));
  }

  private boolean accepts(HttpPrologue asked, Method method) {
    HttpPrologue other =
        HttpPrologue.create(
            asked.rawProtocol(),
            asked.protocol(),
            asked.protocolVersion(),
            method,
            asked.uriPath(),
            asked.query(),
            asked.fragment());
    return entries.stream().anyMatch(entry -> entry.route().accepts(other).accepted());
  }
}
