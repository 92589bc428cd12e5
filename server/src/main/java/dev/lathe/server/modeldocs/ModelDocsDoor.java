package dev.lathe.server.modeldocs;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Lease;
import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.Inference;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * Documents of single models: {@code /v2/models/{m}/docs}, {@code openapi.json} and {@code
 * example.json} beside it, also for a certain version.
 */
public final class ModelDocsDoor implements Door {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";
  private static final List<String> NAMES =
      List.of(
          "{model}",
          "{namespace}/{name}",
          "{model}/versions/{version}",
          "{namespace}/{name}/versions/{version}");

  private final Inference inference;

  /**
   * A door to documents of models that are deployed.
   *
   * @param inference finds models
   */
  public ModelDocsDoor(Inference inference) {
    this.inference = inference;
  }

  @Override
  public void routes(Routes routes) {
    for (String name : NAMES) {
      routes
          .get(Right.READ, "/v2/models/" + name + "/docs", this::page)
          .get(Right.READ, "/v2/models/" + name + "/openapi.json", this::document)
          .get(Right.READ, "/v2/models/" + name + "/example.json", this::example);
    }
  }

  private void page(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      String server = request.requestedUri().scheme() + "://" + request.requestedUri().authority();
      response.header(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
      response.header(HeaderNames.create("Content-Security-Policy"), POLICY);
      response.send(ModelPage.of(lease.model(), server, path(request)).markup());
    }
  }

  private void document(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      send(response, ModelOpenApi.document(lease.model(), path(request)));
    }
  }

  private void example(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      send(
          response,
          ExampleRequest.of(lease.model())
              .orElseThrow(
                  () ->
                      new LatheException(
                          ServerError.NOT_FOUND,
                          "an example for " + lease.model().id() + " would be too large")));
    }
  }

  private Lease acquire(ServerRequest request) {
    return inference.acquire(
        name(request), request.path().pathParameters().first("version").orElse(""), "");
  }

  private static ModelName name(ServerRequest request) {
    var path = request.path().pathParameters();
    return path.contains("model")
        ? Inference.name(path.get("model"))
        : new ModelName(path.get("namespace"), path.get("name"));
  }

  /** The path of the model, or of its version, that a request is about. */
  private static String path(ServerRequest request) {
    String version = request.path().pathParameters().first("version").orElse("");
    return "/v2/models/"
        + Inference.shown(name(request))
        + (version.isEmpty() ? "" : "/versions/" + version);
  }

  private static void send(ServerResponse response, Object body) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(JSON.writeValueAsBytes(body));
  }
}
