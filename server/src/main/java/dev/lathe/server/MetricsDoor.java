package dev.lathe.server;

import io.helidon.http.HeaderNames;

/** {@code GET /metrics}, for Prometheus. */
record MetricsDoor(Metrics metrics) implements Door {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  @Override
  public void routes(Routes routes) {
    routes.get(
        Right.METRICS,
        "/metrics",
        (request, response) -> {
          response.header(HeaderNames.CONTENT_TYPE, TEXT);
          response.send(metrics.scrape());
        });
  }
}
