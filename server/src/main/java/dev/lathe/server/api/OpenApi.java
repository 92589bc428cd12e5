package dev.lathe.server.api;

import dev.lathe.server.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The OpenAPI 3.1 document of a table of routes.
 *
 * @see <a href="https://spec.openapis.org/oas/v3.1.1.html">OpenAPI 3.1</a>
 */
final class OpenApi {
  private static final Pattern PARAMETER = Pattern.compile("\\{\\+?([a-z]+)}");
  private static final String REFERENCE = "#/components/schemas/";

  private final RecordSchemas schemas = new RecordSchemas(REFERENCE);

  private OpenApi() {}

  static Map<String, Object> document(List<Route> routes) {
    OpenApi writer = new OpenApi();
    Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
    for (Route route : routes) {
      paths
          .computeIfAbsent(template(route.path()), path -> new LinkedHashMap<>())
          .put(route.method().text().toLowerCase(Locale.ROOT), writer.operation(route));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.1.1");
    document.put("info", Map.of("title", "Lathe", "version", Tool.VERSION));
    document.put("paths", paths);
    document.put("components", Map.of("schemas", writer.schemas.named()));
    return document;
  }

  /** A path as OpenAPI writes it. */
  static String template(String path) {
    return path.replace("{+", "{");
  }

  private Map<String, Object> operation(Route route) {
    Map<String, Object> operation = new LinkedHashMap<>();
    operation.put("operationId", route.name());
    operation.put("summary", route.summary());
    List<Object> parameters = parameters(route);
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    if (!route.takes().mediaTypes().isEmpty()) {
      operation.put("requestBody", Map.of("required", true, "content", body(route.takes())));
    }
    Map<String, Object> responses = new LinkedHashMap<>();
    responses.put(Integer.toString(route.gives().status()), answer(route.gives()));
    responses.put("default", error());
    operation.put("responses", responses);
    return operation;
  }

  private static List<Object> parameters(Route route) {
    List<Object> parameters = new ArrayList<>();
    Matcher names = PARAMETER.matcher(route.path());
    while (names.find()) {
      Map<String, Object> parameter = new LinkedHashMap<>();
      parameter.put("name", names.group(1));
      parameter.put("in", "path");
      parameter.put("required", true);
      parameter.put("schema", Map.of("type", "string"));
      parameters.add(parameter);
    }
    return parameters;
  }

  private Map<String, Object> body(Route.Takes takes) {
    Map<String, Object> content = new LinkedHashMap<>();
    Map<String, Object> schema =
        takes.type() == String.class ? Map.of() : Map.of("schema", schemas.of(takes.type()));
    takes.mediaTypes().forEach(type -> content.put(type, schema));
    return content;
  }

  private Map<String, Object> answer(Route.Gives gives) {
    Map<String, Object> media =
        gives.type() == String.class ? Map.of() : Map.of("schema", schema(gives));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("description", gives.status() == 202 ? "Accepted" : "OK");
    answer.put("content", Map.of(gives.mediaType(), media));
    return answer;
  }

  private Object schema(Route.Gives gives) {
    Object one = schemas.of(gives.type());
    return gives.many() ? Map.of("type", "array", "items", one) : one;
  }

  private Map<String, Object> error() {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("description", "What went wrong");
    answer.put(
        "content", Map.of("application/json", Map.of("schema", schemas.of(ErrorBody.class))));
    return answer;
  }

  /**
   * The body of every error.
   *
   * @param error what went wrong, for people
   */
  record ErrorBody(String error) {}
}
