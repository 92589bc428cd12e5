package dev.lathe.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;

/** {@code GET /metrics}, for Prometheus. */
record MetricsDoor(Metrics metrics) implements Door {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  @Override
  public void routes(HttpRouting.Builder routing) {
    routing.get(
        "/metrics",
        (request, response) -> {
          response.header(HeaderNames.CONTENT_TYPE, TEXT);
          response.send(metrics.scrape());
        });
  }
}
