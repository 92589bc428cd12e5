package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.Lease;
import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.ModelConfig;
import dev.lathe.server.infer.Repository;
import dev.lathe.server.observe.Observatory;
import dev.lathe.server.observe.Observed;
import dev.lathe.server.openai.GenerateHandler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Triton's extensions of the protocol beside inference itself: configuration, statistics,
 * repository, settings, generation. {@link InferenceDoor} lists them.
 *
 * @see <a href="https://github.com/triton-inference-server/server/tree/main/docs/protocol">Triton's
 *     extensions</a>
 */
public final class ExtensionDoor implements Door {
  private final Inference inference;
  private final RepositoryRoutes repository;
  private final SettingsRoutes settings;
  private final GenerateHandler generation;

  /**
   * What the door shows and changes.
   *
   * @param inference the models
   * @param repository which there are
   * @param watch what is logged and traced
   * @param generation makes texts
   */
  public ExtensionDoor(
      Inference inference, Repository repository, Observatory watch, GenerateHandler generation) {
    this.inference = inference;
    this.repository = new RepositoryRoutes(repository);
    this.settings = new SettingsRoutes(watch.logSettings(), watch.traceSettings());
    this.generation = generation;
  }

  @Override
  public void routes(Routes routes) {
    routes.get(Right.METRICS, "/v2/models/stats", this::allStatistics);
    repository.add(routes);
    settings.add(routes);
    SharedMemory.routes(routes);
    ModelPath models = new ModelPath(routes, "/v2/models/");
    models.get(Right.READ, "/config", this::config);
    models.get(Right.METRICS, "/stats", this::statistics);
    models.post(Right.INFER, "/generate", this::generate);
    models.post(Right.INFER, "/generate_stream", this::generateStream);
  }

  private void config(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      InferenceDoor.send(response, ConfigJson.of(ModelConfig.of(lease.model())));
    }
  }

  private void allStatistics(ServerRequest request, ServerResponse response) {
    InferenceDoor.send(response, StatisticsJson.of(inference.statistics()));
  }

  private void statistics(ServerRequest request, ServerResponse response) {
    InferenceDoor.send(
        response,
        StatisticsJson.of(
            inference.statistics(ModelPath.name(request), ModelPath.version(request))));
  }

  private void generate(ServerRequest request, ServerResponse response) {
    generation.whole(request, response, textModel(request));
  }

  private void generateStream(ServerRequest request, ServerResponse response) {
    generation.stream(request, response, textModel(request));
  }

  /** A lease of the model asked, for a text. */
  private Lease textModel(ServerRequest request) {
    Lease lease =
        inference.acquire(
            ModelPath.name(request),
            ModelPath.version(request),
            ModelPath.environment(request),
            Observed.current().visit(InferHandler.caller(request)));
    if (lease.model().isText()) {
      Observed.current().answering(lease.model().id());
      return lease;
    }
    lease.close();
    throw new LatheException(
        ServerError.NOT_OFFERED,
        "model \""
            + Inference.shown(ModelPath.name(request))
            + "\" does not generate (expected: infer)");
  }

  private Lease acquire(ServerRequest request) {
    return inference.acquire(
        ModelPath.name(request), ModelPath.version(request), ModelPath.environment(request));
  }
}
