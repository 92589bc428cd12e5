package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.server.observe.Collector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests become spans at an OpenTelemetry collector. */
@Timeout(60)
class TelemetryTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final String BODY =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";

  @TempDir Path folder;
  private final Collector collector = new Collector();

  @AfterEach
  void stop() {
    collector.close();
  }

  @Test
  void request_isASpanBelowItsCallersWithQueueAndComputeBelowIt() throws Exception {
    HttpResponse<String> answer =
        run(
            Map.of(
                "telemetry.endpoint",
                collector.address() + "/",
                "telemetry.headers",
                "Authorization=Bearer secret"),
            Map.of(),
            "00-" + TRACE + "-" + CALLER + "-01");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(collector.authorizations()).isNotEmpty().containsOnly("Bearer secret");
    List<Collector.Sent> spans = collector.spans();
    assertThat(spans).allMatch(span -> span.trace().equals(TRACE)).hasSize(3);
    Collector.Sent server = named("POST /v2/models/{namespace}/{name}/infer");
    assertThat(server.parent()).isEqualTo(CALLER);
    assertThat(server.attributes())
        .containsEntry("http.response.status_code", "200")
        .containsEntry("url.path", "/v2/models/demo/linear/infer")
        .containsEntry("lathe.request_id", answer.headers().firstValue("X-Request-Id").orElse(""));
    assertThat(answer.headers().firstValue("traceresponse"))
        .hasValue("00-" + TRACE + "-" + server.id() + "-01");
    Collector.Sent queue = named("queue");
    Collector.Sent compute = named("compute");
    assertThat(List.of(queue.parent(), compute.parent())).containsOnly(server.id());
    assertThat(compute.attributes())
        .containsEntry("lathe.model", "demo/linear")
        .containsEntry("lathe.version", "v1")
        .containsEntry("lathe.run.requests", "1")
        .containsEntry("lathe.run.rows", "1");
    assertThat(queue.end()).isEqualTo(compute.start());
    assertThat(compute.end()).isGreaterThan(compute.start()).isLessThanOrEqualTo(server.end());
  }

  @Test
  void traceThatItsCallerDoesNotKeep_isNotSent() throws Exception {
    run(
        Map.of("telemetry.endpoint", collector.address()),
        Map.of(),
        "00-" + TRACE + "-" + CALLER + "-00");
    assertThat(collector.spans()).isEmpty();
  }

  @Test
  void usualVariable_turnsTracesOnAndTheRatioDecidesWhereNobodyElseDid() throws Exception {
    Map<String, String> variables = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address());
    run(Map.of("telemetry.sample_ratio", "0"), variables, "");
    assertThat(collector.spans()).isEmpty();
    run(Map.of(), variables, "");
    assertThat(collector.spans()).hasSize(3);
    assertThat(named("compute").trace()).isNotEqualTo(TRACE).hasSize(32);
  }

  @Test
  void withoutEndpoint_nothingIsTraced() throws Exception {
    HttpResponse<String> answer = run(Map.of(), Map.of(), "00-" + TRACE + "-" + CALLER + "-01");
    assertThat(answer.headers().firstValue("traceresponse")).isEmpty();
    assertThat(collector.spans()).isEmpty();
  }

  @Test
  void endpointThatIsNone_stopsTheStart() {
    assertThatThrownBy(() -> config(Map.of("telemetry.endpoint", "localhost:4318"), Map.of()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("telemetry.endpoint")
        .hasMessageContaining("expected: an http or https address");
  }

  private Collector.Sent named(String name) {
    return collector.spans().stream()
        .filter(span -> span.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " not in " + collector.spans()));
  }

  private ServerConfig config(Map<String, String> flags, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(flags);
    all.put("listen.port", "0");
    return ServerConfig.read(folder, new ConfigSources(Path.of(""), variables, all));
  }

  private HttpResponse<String> run(
      Map<String, String> flags, Map<String, String> variables, String parent) throws Exception {
    if (!Files.exists(folder.resolve("registry"))) {
      ServedModel.publish(folder, 1);
    }
    try (LatheServer server = LatheServer.start(config(flags, variables));
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(server.address().resolve("/v2/models/demo/linear/infer"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(BODY));
      if (!parent.isEmpty()) {
        request.header("traceparent", parent);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
