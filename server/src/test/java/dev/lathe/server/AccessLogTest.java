package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the access log and the header X-Request-Id say of requests. */
@Timeout(60)
class AccessLogTest {
  private static final String BODY =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";

  @TempDir Path folder;

  @Test
  void jsonLines_sayWhatWasAskedAndWhereTheTimeWent() throws Exception {
    List<HttpResponse<String>> answers = run("json");
    assertThat(header(answers.get(0))).isEqualTo("my-id-1");
    assertThat(header(answers.get(1))).matches("[0-9a-f]{16}");
    assertThat(header(answers.get(2))).as("an unsound id is not taken over").doesNotContain(" ");
    List<String> lines = Files.readAllLines(folder.resolve("log/access.log"));
    assertThat(lines).hasSize(3);
    JsonNode first = JsonMapper.shared().readTree(lines.getFirst());
    assertThat(first.get("request_id").asString()).isEqualTo("my-id-1");
    assertThat(first.get("method").asString()).isEqualTo("POST");
    assertThat(first.get("path").asString()).isEqualTo("/v2/models/demo/linear/infer");
    assertThat(first.get("status").asInt()).isEqualTo(200);
    assertThat(first.get("bytes").asLong())
        .isBetween(answers.get(0).body().length() + 1L, answers.get(0).body().length() + 1000L);
    assertThat(first.get("remote").asString()).isEqualTo("127.0.0.1");
    assertThat(first.get("model").asString()).isEqualTo("demo/linear");
    assertThat(first.get("version").asString()).isEqualTo("v1");
    assertThat(first.get("compute_ms").asDouble()).isPositive();
    assertThat(first.get("queue_ms").asDouble() + first.get("compute_ms").asDouble())
        .isLessThan(first.get("duration_ms").asDouble());
    JsonNode second = JsonMapper.shared().readTree(lines.get(1));
    assertThat(second.get("status").asInt()).isEqualTo(404);
    assertThat(second.has("model")).isFalse();
    assertThat(second.get("path").asString()).isEqualTo("/no%22such");
  }

  @Test
  void callsOfGrpc_haveLinesToo_alsoThoseThatFail() throws Exception {
    ServedModel.publish(folder, 1);
    try (LatheServer server = LatheServer.start(config("json"));
        GrpcClient client = new GrpcClient(server.address().getPort())) {
      CallOptions options = CallOptions.DEFAULT.withCallCredentials(new RequestId("my-id-2"));
      client.call(GrpcClient.SERVICE + "ModelInfer", question("demo/linear"), options);
      assertThatThrownBy(() -> client.call(GrpcClient.SERVICE + "ModelInfer", question("no/model")))
          .hasMessageContaining("no such model");
    }
    List<String> lines = Files.readAllLines(folder.resolve("log/access.log"));
    assertThat(lines).hasSize(2);
    JsonNode first = JsonMapper.shared().readTree(lines.getFirst());
    assertThat(first.get("request_id").asString()).isEqualTo("my-id-2");
    assertThat(first.get("protocol").asString()).isEqualTo("grpc");
    assertThat(first.get("path").asString())
        .isEqualTo("/inference.GRPCInferenceService/ModelInfer");
    assertThat(first.get("status").asInt()).isZero();
    assertThat(first.get("model").asString()).isEqualTo("demo/linear");
    assertThat(first.get("bytes").asLong()).isPositive();
    JsonNode second = JsonMapper.shared().readTree(lines.get(1));
    assertThat(second.get("status").asInt()).isEqualTo(5);
    assertThat(second.get("request_id").asString()).matches("[0-9a-f]{16}");
  }

  private static WireWriter question(String model) {
    return new WireWriter()
        .text(1, model)
        .message(
            5,
            input ->
                input
                    .text(1, "x")
                    .text(2, "FP32")
                    .packed(3, 1, 4)
                    .message(5, contents -> contents.bytes(6, new byte[16])));
  }

  /** Metadata beside a call. */
  private static final class RequestId extends CallCredentials {
    private final String id;

    RequestId(String id) {
      this.id = id;
    }

    @Override
    public void applyRequestMetadata(
        RequestInfo request, Executor executor, MetadataApplier applier) {
      Metadata metadata = new Metadata();
      metadata.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), id);
      applier.apply(metadata);
    }
  }

  @Test
  void commonLines_beginAsTheFormatSays() throws Exception {
    run("common");
    List<String> lines = Files.readAllLines(folder.resolve("log/access.log"));
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst())
        .matches(
            "127\\.0\\.0\\.1 - - \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\]"
                + " \"POST /v2/models/demo/linear/infer HTTP/1\\.1\" 200 \\d+"
                + " \"my-id-1\" demo/linear v1 \\d+\\.\\d{3} \\d+\\.\\d{3}");
    assertThat(lines.get(1)).contains("\" 404 ").endsWith(" - - 0.000 0.000");
  }

  private List<HttpResponse<String>> run(String format) throws Exception {
    ServedModel.publish(folder, 1);
    try (LatheServer server = LatheServer.start(config(format));
        HttpClient client = HttpClient.newHttpClient()) {
      URI address = server.address();
      HttpRequest infer =
          HttpRequest.newBuilder(address.resolve("/v2/models/demo/linear/infer"))
              .header("Content-Type", "application/json")
              .header("X-Request-Id", "my-id-1")
              .POST(HttpRequest.BodyPublishers.ofString(BODY))
              .build();
      HttpRequest unknown = HttpRequest.newBuilder(address.resolve("/no%22such")).build();
      HttpRequest unsound =
          HttpRequest.newBuilder(address.resolve("/v2")).header("X-Request-Id", "a b \" c").build();
      return List.of(
          client.send(infer, HttpResponse.BodyHandlers.ofString()),
          client.send(unknown, HttpResponse.BodyHandlers.ofString()),
          client.send(unsound, HttpResponse.BodyHandlers.ofString()));
    }
  }

  private ServerConfig config(String format) {
    Map<String, String> flags =
        Map.of(
            "listen.port",
            "0",
            "access_log.file",
            folder.resolve("log/access.log").toString(),
            "access_log.format",
            format);
    return ServerConfig.read(folder, new ConfigSources(Path.of(""), Map.of(), flags));
  }

  private static String header(HttpResponse<String> answer) {
    return answer.headers().firstValue("X-Request-Id").orElseThrow();
  }
}
