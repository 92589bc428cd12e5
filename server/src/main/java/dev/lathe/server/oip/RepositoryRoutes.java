package dev.lathe.server.oip;

import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.access.Caller;
import dev.lathe.server.infer.Repository;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The model repository extension: which models there are, to load one and to let one go. A path may
 * name the repository, of which there is one.
 *
 * @param repository what there is
 */
record RepositoryRoutes(Repository repository) {
  private static final List<String> BASES =
      List.of("/v2/repository/models/", "/v2/repository/{repository}/models/");

  void add(Routes routes) {
    routes
        .post(Right.READ, "/v2/repository/index", this::index)
        .post(Right.READ, "/v2/repository/{repository}/index", this::index);
    for (String base : BASES) {
      ModelPath models = new ModelPath(routes, base);
      models.whole(Method.POST, Right.DEPLOY, "/load", this::load);
      models.whole(Method.POST, Right.DEPLOY, "/unload", this::unload);
    }
  }

  private static void requireKnown(ServerRequest request) {
    Repository.requireKnown(request.path().pathParameters().first("repository").orElse(""));
  }

  private void index(ServerRequest request, ServerResponse response) {
    requireKnown(request);
    JsonNode ready = SmallBody.read(request).get("ready");
    if (ready != null && !ready.isBoolean()) {
      throw BodyReader.bad("\"ready\": " + ready + " (expected: true or false)");
    }
    boolean only = ready != null && ready.booleanValue();
    List<Repository.Entry> entries = only ? repository.ready() : repository.index();
    InferenceDoor.send(response, entries.stream().map(RepositoryRoutes::json).toList());
  }

  private static Map<String, String> json(Repository.Entry entry) {
    Map<String, String> json = new LinkedHashMap<>();
    json.put("name", entry.name());
    if (!entry.version().isEmpty()) {
      json.put("version", entry.version());
    }
    json.put("state", entry.state().name());
    json.put("reason", entry.reason());
    return json;
  }

  private void load(ServerRequest request, ServerResponse response) {
    requireKnown(request);
    repository.load(ModelPath.name(request), parameters(request));
    response.send();
  }

  private void unload(ServerRequest request, ServerResponse response) {
    requireKnown(request);
    repository.unload(
        ModelPath.name(request),
        parameters(request),
        other -> Caller.current().require(Right.DEPLOY, other.toString()));
    response.send();
  }

  /** Texts by name, true and false among them; what is neither is empty. */
  private static Map<String, String> parameters(ServerRequest request) {
    JsonNode parameters = SmallBody.read(request).get("parameters");
    if (parameters == null || parameters.isNull()) {
      return Map.of();
    }
    if (!parameters.isObject()) {
      throw BodyReader.bad("\"parameters\" (expected: an object)");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    parameters.properties().forEach(one -> texts.put(one.getKey(), text(one.getValue())));
    return texts;
  }

  private static String text(JsonNode value) {
    return value.isBoolean() ? value.toString() : value.stringValue("");
  }
}
