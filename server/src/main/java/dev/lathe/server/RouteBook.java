package dev.lathe.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.webserver.http.ErrorHandler;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRoute;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpSecurity;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A routing builder that remembers its routes, so that a request that none of them takes can be
 * told whether the path is unknown (404) or only the method is wrong (405).
 */
final class RouteBook implements HttpRouting.Builder {
  private static final List<Method> METHODS =
      List.of(Method.GET, Method.HEAD, Method.POST, Method.PUT, Method.PATCH, Method.DELETE);

  private final HttpRouting.Builder inner = HttpRouting.builder();
  private final List<HttpRoute> routes = new ArrayList<>();

  /** Answers what no route took; to be added last. */
  void addFallback() {
    inner.any(this::refuse);
  }

  private void refuse(ServerRequest request, ServerResponse response) {
    List<String> allowed =
        METHODS.stream().filter(m -> accepts(request.prologue(), m)).map(Method::text).toList();
    String path = request.path().rawPath();
    String what = request.prologue().method().text() + " " + path;
    if (allowed.isEmpty()) {
      ErrorMapping.send(response, new ErrorMapping.Answer(404, what + ": no such route"));
      return;
    }
    String methods = String.join(", ", allowed);
    response.header(HeaderNames.ALLOW, methods);
    ErrorMapping.send(
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
    return routes.stream().anyMatch(route -> route.accepts(other).accepted());
  }

  @Override
  public HttpRouting.Builder route(HttpRoute route) {
    routes.add(route);
    inner.route(route);
    return this;
  }

  @Override
  public HttpRouting.Builder register(HttpService... services) {
    inner.register(services);
    return this;
  }

  @Override
  public HttpRouting.Builder register(String path, HttpService... services) {
    inner.register(path, services);
    return this;
  }

  @Override
  public HttpRouting.Builder addFilter(Filter filter) {
    inner.addFilter(filter);
    return this;
  }

  @Override
  public HttpRouting.Builder addFeature(Supplier<? extends HttpFeature> feature) {
    inner.addFeature(feature);
    return this;
  }

  @Override
  public <T extends Throwable> HttpRouting.Builder error(
      Class<T> type, ErrorHandler<? super T> handler) {
    inner.error(type, handler);
    return this;
  }

  @Override
  public HttpRouting.Builder maxReRouteCount(int count) {
    inner.maxReRouteCount(count);
    return this;
  }

  @Override
  public HttpRouting.Builder security(HttpSecurity security) {
    inner.security(security);
    return this;
  }

  @Override
  public HttpRouting.Builder copy() {
    return inner.copy();
  }

  @Override
  public HttpRouting build() {
    return inner.build();
  }
}
