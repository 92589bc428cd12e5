package dev.lathe.server.api;

import dev.lathe.server.ApiJson;
import dev.lathe.server.Door;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;

/** The verbs over HTTP below {@code /api/v1}, with their OpenAPI document. */
public final class ApiDoor implements Door {
  /** Where the OpenAPI document is. */
  public static final String DOCUMENT = "/api/v1/openapi.json";

  private final List<Route> routes;
  private final byte[] document;

  /**
   * A door to the verbs.
   *
   * @param lathe the verbs; not closed by the door
   */
  public ApiDoor(LocalLathe lathe) {
    this.routes = new ArrayList<>(ApiRoutes.of(lathe));
    routes.add(
        new Route(
            Right.KNOWN,
            Method.GET,
            DOCUMENT,
            "get_openapi",
            "This document.",
            Route.Takes.NOTHING,
            Route.Gives.media("application/json"),
            this::describe));
    this.document = ApiJson.bytes(OpenApi.document(routes));
  }

  @Override
  public void routes(Routes all) {
    routes.forEach(
        route -> all.route(route.right(), route.method(), route.path(), route.handler()));
  }

  private void describe(ServerRequest request, ServerResponse response) {
    response.header(HeaderNames.CONTENT_TYPE, "application/json").send(document);
  }
}
