package dev.lathe.server.oip;

import dev.lathe.registry.ModelName;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.infer.Inference;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;

/**
 * Routes about a model, in all forms that its name has in a path. The slash in {@code
 * namespace/name} may be raw or {@code %2F}, once or twice escaped; a name without a namespace
 * means one in the namespace {@code default}.
 *
 * @param routes where routes are stated
 * @param base what comes before the name, {@code /v2/models/} for example
 */
record ModelPath(Routes routes, String base) {
  private static final List<String> NAMES = List.of("{model}", "{namespace}/{name}");

  /** Adds a route for GET about what is live, and one about a version. */
  void get(Right right, String end, Handler handler) {
    versioned(Method.GET, right, end, handler);
  }

  /** Adds a route for POST about what is live, and one about a version. */
  void post(Right right, String end, Handler handler) {
    versioned(Method.POST, right, end, handler);
  }

  /** Adds a route about the model as a whole. */
  void whole(Method method, Right right, String end, Handler handler) {
    NAMES.forEach(name -> routes.route(right, method, base + name + end, handler));
  }

  private void versioned(Method method, Right right, String end, Handler handler) {
    whole(method, right, end, handler);
    whole(method, right, "/versions/{version}" + end, handler);
  }

  /** The model that a request's path names. */
  static ModelName name(ServerRequest request) {
    var path = request.path().pathParameters();
    return path.contains("model")
        ? Inference.name(path.get("model"))
        : new ModelName(path.get("namespace"), path.get("name"));
  }

  /** The version that a request's path names; empty if it names none. */
  static String version(ServerRequest request) {
    return request.path().pathParameters().first("version").orElse("");
  }

  /** The environment that a request's query names; empty if it names none. */
  static String environment(ServerRequest request) {
    return request.query().isEmpty() ? "" : request.query().first("environment").orElse("");
  }
}
