package dev.lathe.server.oip;

import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.observe.LogSettings;
import dev.lathe.server.observe.TraceSettings;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The logging and trace extensions: settings to be shown and changed while the server runs.
 *
 * @param logs what is logged
 * @param traces which requests are traced
 */
record SettingsRoutes(LogSettings logs, TraceSettings traces) {
  void add(Routes routes) {
    routes
        .get(Right.METRICS, "/v2/logging", (q, r) -> InferenceDoor.send(r, logs.values()))
        .post(Right.ADMIN, "/v2/logging", this::changeLogs)
        .get(Right.METRICS, "/v2/trace/setting", (q, r) -> showTraces(r, traces.values("")))
        .post(Right.ADMIN, "/v2/trace/setting", this::changeTraces);
    ModelPath models = new ModelPath(routes, "/v2/models/");
    models.whole(
        Method.GET,
        Right.METRICS,
        "/trace/setting",
        (q, r) -> showTraces(r, traces.values(ModelPath.name(q).toString())));
    models.whole(
        Method.POST,
        Right.ADMIN,
        "/trace/setting",
        (q, r) -> showTraces(r, traces.change(ModelPath.name(q).toString(), changes(q))));
  }

  private void changeLogs(ServerRequest request, ServerResponse response) {
    Map<String, Object> changes = new LinkedHashMap<>();
    SmallBody.read(request).forEach((name, value) -> changes.put(name, plain(name, value)));
    InferenceDoor.send(response, logs.change(changes));
  }

  private void changeTraces(ServerRequest request, ServerResponse response) {
    showTraces(response, traces.change("", changes(request)));
  }

  private static Object plain(String name, JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isString()) {
      return value.stringValue();
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    throw BodyReader.bad(
        "log setting \"" + name + "\" (expected: a string, a boolean or a whole number)");
  }

  /** New values by setting; one value may stand alone, and null resets a setting. */
  private static Map<String, List<String>> changes(ServerRequest request) {
    Map<String, List<String>> changes = new LinkedHashMap<>();
    SmallBody.read(request).forEach((name, value) -> changes.put(name, texts(name, value)));
    return changes;
  }

  private static List<String> texts(String name, JsonNode value) {
    List<String> texts = new ArrayList<>();
    for (JsonNode one : value.isArray() ? value : List.of(value)) {
      if (one.isString() || one.isIntegralNumber()) {
        texts.add(one.asString());
      } else if (!one.isNull()) {
        throw BodyReader.bad(
            "trace setting \"" + name + "\" (expected: a string, an array of strings, or null)");
      }
    }
    return texts;
  }

  /** The level is an array, everything else one string, as the extension has it. */
  private static void showTraces(ServerResponse response, Map<String, List<String>> values) {
    Map<String, Object> shown = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> shown.put(name, name.equals("trace_level") ? value : value.getFirst()));
    InferenceDoor.send(response, shown);
  }
}
