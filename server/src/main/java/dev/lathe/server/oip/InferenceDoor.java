package dev.lathe.server.oip;

import dev.lathe.serve.Glance;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.ClientWatch;
import dev.lathe.server.Door;
import dev.lathe.server.Metrics;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.Tool;
import dev.lathe.server.infer.Inference;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The protocol's routes. A model's name is {@code namespace/name}; its slash may be raw or {@code
 * %2F}. Without a version the request goes to what is live in the server's environment, or in that
 * of the query parameter {@code environment}.
 *
 * <p>A request may name a deadline, in microseconds, by its parameter {@code timeout} or the header
 * {@code Lathe-Timeout}; the header {@code Lathe-Caller} says whose turn it takes where several
 * callers share an address. The header {@code Lathe-Variant} says whether what is live answers or
 * its canary; the answer's header {@code Lathe-Version} says which version did.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 */
public final class InferenceDoor implements Door {
  private static final List<String> EXTENSIONS =
      List.of(
          "binary_tensor_data",
          "classification",
          "logging",
          "model_configuration",
          "model_repository",
          "model_repository(unload_dependents)",
          "parameters",
          "schedule_policy",
          "sequence",
          "statistics",
          "trace");
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Inference inference;
  private final InferHandler infer;
  private final String serverName;

  /**
   * A door to the models that are deployed.
   *
   * @param inference what answers
   * @param metrics counts requests
   * @param clients notices those that go before they are answered
   * @param serverName what clients are told that this server is
   */
  public InferenceDoor(
      Inference inference, Metrics metrics, ClientWatch clients, String serverName) {
    this.serverName = serverName;
    this.inference = inference;
    this.infer = new InferHandler(inference, metrics, clients);
  }

  /** Answers requests. */
  InferHandler handler() {
    return infer;
  }

  @Override
  public void routes(Routes routes) {
    routes
        .get(Right.KNOWN, "/v2", this::server)
        .get(
            Right.NONE,
            "/v2/health/live",
            (request, response) -> send(response, Map.of("live", true)))
        .get(Right.NONE, "/v2/health/ready", this::serverReady);
    ModelPath models = new ModelPath(routes, "/v2/models/");
    models.get(Right.READ, "/ready", this::modelReady);
    models.get(Right.READ, "", this::model);
  }

  /**
   * The one route that most requests take, apart from the others so that it can be tried before all
   * of them.
   *
   * @param routes the server's routes
   */
  public void infer(Routes routes) {
    new ModelPath(routes, "/v2/models/").post(Right.INFER, "/infer", infer::infer);
  }

  private void server(ServerRequest request, ServerResponse response) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("name", serverName);
    about.put("version", Tool.VERSION);
    about.put("extensions", EXTENSIONS);
    send(response, about);
  }

  private void serverReady(ServerRequest request, ServerResponse response) {
    inference.health().requireReady();
    send(response, Map.of("ready", true));
  }

  private void model(ServerRequest request, ServerResponse response) {
    Glance model =
        inference.describe(
            ModelPath.name(request), ModelPath.version(request), ModelPath.environment(request));
    send(response, ModelJson.of(model, inference.versions(model.id().model())));
  }

  private void modelReady(ServerRequest request, ServerResponse response) {
    ModelVersion model = infer.look(request);
    inference.health().requireReady(model);
    send(response, Map.of("name", Inference.shown(model.model()), "ready", true));
  }

  static void send(ServerResponse response, Object body) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(JSON.writeValueAsBytes(body));
  }
}
