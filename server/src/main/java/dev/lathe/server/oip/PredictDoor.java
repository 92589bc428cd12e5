package dev.lathe.server.oip;

import dev.lathe.registry.ModelName;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.Door;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Repository;
import dev.lathe.server.observe.Health;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * KServe's first protocol: predictions for rows, or for whole tensors. The OpenAI API lists models
 * at the same paths; an answer has the fields of both.
 *
 * @see <a
 *     href="https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol">V1
 *     inference protocol</a>
 */
public final class PredictDoor implements Door {
  private final InferHandler infer;
  private final Repository repository;
  private final Health health;

  /**
   * A door to the same models.
   *
   * @param beside answers the same models by the second protocol
   * @param repository which there are
   * @param health whether they answer
   */
  public PredictDoor(InferenceDoor beside, Repository repository, Health health) {
    this.health = health;
    this.infer = beside.handler();
    this.repository = repository;
  }

  @Override
  public void routes(Routes routes) {
    routes.get(Right.READ, "/v1/models", this::list);
    ModelPath models = new ModelPath(routes, "/v1/models/");
    models.whole(Method.POST, Right.INFER, ":predict", this::predict);
    models.whole(Method.GET, Right.READ, "", this::ready);
  }

  private void list(ServerRequest request, ServerResponse response) {
    List<String> names =
        repository.ready().stream().map(Repository.Entry::name).distinct().toList();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("models", names);
    all.put("object", "list");
    all.put("data", names.stream().map(this::listed).toList());
    InferenceDoor.send(response, all);
  }

  /** A model as the OpenAI API lists it, which has its list at the same path. */
  private Map<String, Object> listed(String name) {
    ModelName model = Inference.name(name);
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("id", name);
    about.put("object", "model");
    about.put("created", repository.created(model).getEpochSecond());
    about.put("owned_by", model.namespace());
    repository.adapterOf(model).ifPresent(base -> about.put("parent", base));
    return about;
  }

  private void ready(ServerRequest request, ServerResponse response) {
    ModelVersion model = infer.look(request);
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("name", Inference.shown(model.model()));
    about.put("ready", health.problem(model).isEmpty());
    about.putAll(listed(Inference.shown(model.model())));
    InferenceDoor.send(response, about);
  }

  private void predict(ServerRequest request, ServerResponse response) {
    infer.handle(
        request,
        inputs -> {
          PredictBody.Read read =
              PredictBody.read(request.content().inputStream(), inputs.get(), infer.pool());
          return new InferHandler.Asked(
              read.body(),
              answer -> {
                JsonOut out = new JsonOut(response::outputStream);
                response.header(HeaderValues.CONTENT_TYPE_JSON);
                PredictionWriter.write(out, answer, read.rows());
                byte[] whole = out.finish();
                if (!out.streamed()) {
                  response.send(whole);
                }
              });
        });
  }
}
