package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The model repository extension where models depend on each other, and a repository is named. */
@Timeout(60)
class RepositoryTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String FRONT =
      """
      pipeline:
        inputs: { x: { datatype: FP32, shape: [-1, 2] } }
        steps:
          sum: { kind: model, model: demo/adding@prod, inputs: { x: x } }
        outputs: { y: sum.y }
      """;
  private static final String ASK =
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}";

  @TempDir private Path data;
  private LatheServer server;
  private GrpcClient rpc;

  @BeforeEach
  void start() throws IOException {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.deploy(
          ModelName.parse("demo/adding"),
          Models.publish(registry, "demo/adding", Models.adding(1)),
          "prod");
    }
    Path folder = Files.createDirectories(data.resolve("front"));
    Files.writeString(folder.resolve("lathe.yaml"), FRONT);
    try (Lathe lathe = Lathe.open(data)) {
      lathe.release("demo/front", folder, "");
      lathe.deploy("demo/front", "v1", "prod");
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
    rpc = new GrpcClient(server.address().getPort());
  }

  @AfterEach
  void stop() {
    rpc.close();
    server.close();
  }

  private static WireWriter unloading(String model) {
    return new WireWriter()
        .text(2, model)
        .message(3, one -> one.text(1, "unload_dependents").message(2, x -> x.number(1, 1)));
  }

  @Test
  void dependents_areThePipelinesThatAskTheModel() throws Exception {
    assertThat(post("/v2/models/demo/front/infer", ASK).statusCode()).isEqualTo(200);
    assertThat(unload("demo/adding", false).statusCode()).isEqualTo(200);
    assertThat(index()).contains("{\"name\":\"demo/front\",\"version\":\"v1\",\"state\":\"READY\"");
    assertThat(unload("demo/adding", true).statusCode()).isEqualTo(200);
    assertThat(index())
        .contains("{\"name\":\"demo/front\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}")
        .contains("{\"name\":\"demo/adding\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}");
  }

  @Test
  void dependents_byGrpc() throws Exception {
    assertThat(post("/v2/models/demo/front/infer", ASK).statusCode()).isEqualTo(200);
    rpc.call(GrpcClient.SERVICE + "RepositoryModelUnload", new WireWriter().text(2, "demo/adding"));
    assertThat(index()).contains("{\"name\":\"demo/front\",\"version\":\"v1\",\"state\":\"READY\"");
    rpc.call(GrpcClient.SERVICE + "RepositoryModelUnload", unloading("demo/adding"));
    assertThat(index())
        .contains("{\"name\":\"demo/front\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}");
  }

  /** What was let go for its memory is loaded by the next request, and by no probe. */
  @Test
  void modelThatWasLetGo_isReady_andProbesLeaveItAlone() throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      String version = Models.publish(registry, "demo/brief", Models.adding(1));
      registry.change(
          ModelName.parse("demo/brief"),
          "prod",
          _ -> DeploymentPlan.of(version).with(Map.of("serving.idle_unload_seconds", "1")));
    }
    assertThat(post("/v2/models/demo/brief/infer", ASK).statusCode()).isEqualTo(200);
    String gone =
        "{\"name\":\"demo/brief\",\"version\":\"v1\",\"state\":\"READY\",\"reason\":\"not in"
            + " memory;";
    while (!index().contains(gone)) {
      assertThat(get("/v2/models/demo/brief/ready").statusCode()).isEqualTo(200);
    }
    WireWriter named = new WireWriter().text(1, "demo/brief");
    assertThat(get("/v2/models/demo/brief/ready").statusCode()).isEqualTo(200);
    assertThat(get("/v2/models/demo/brief").body()).contains("\"inputs\":[{\"name\":\"x\"");
    assertThat(get("/v1/models/demo/brief").body()).contains("\"ready\":true");
    assertThat(GrpcClient.text(rpc.call(GrpcClient.SERVICE + "ModelReady", named), 1))
        .isEqualTo("1");
    assertThat(GrpcClient.text(rpc.call(GrpcClient.SERVICE + "ModelMetadata", named), 1))
        .isEqualTo("demo/brief");
    assertThat(index()).contains(gone);
    assertThat(post("/v2/models/demo/brief/infer", ASK).statusCode()).isEqualTo(200);
    assertThat(index()).doesNotContain(gone);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void parameterThatIsNoTruth_isRefused() throws Exception {
    HttpResponse<String> answer =
        post(
            "/v2/repository/models/demo/adding/unload",
            "{\"parameters\":{\"unload_dependents\":\"perhaps\"}}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("expected: true or false");
  }

  @Test
  void repositoryThatIsNamed_isTheOneThereIs() throws Exception {
    for (String verb : new String[] {"load", "unload"}) {
      String model = "/models/demo/adding/" + verb;
      assertThat(post("/v2/repository/lathe" + model, "").statusCode()).isEqualTo(200);
      HttpResponse<String> other = post("/v2/repository/other" + model, "");
      assertThat(other.statusCode()).isEqualTo(404);
      assertThat(other.body()).contains("no such repository (expected: lathe, or none)");
    }
    assertThat(post("/v2/repository/lathe/index", "").statusCode()).isEqualTo(200);
    assertThat(post("/v2/repository/other/index", "").statusCode()).isEqualTo(404);
    WireWriter named = new WireWriter().text(1, "lathe").text(2, "demo/adding");
    rpc.call(GrpcClient.SERVICE + "RepositoryModelLoad", named);
    WireWriter other = new WireWriter().text(1, "other").text(2, "demo/adding");
    Assertions.assertThatThrownBy(() -> rpc.call(GrpcClient.SERVICE + "RepositoryModelLoad", other))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  private HttpResponse<String> unload(String model, boolean dependents) throws Exception {
    return post(
        "/v2/repository/models/" + model + "/unload",
        "{\"parameters\":{\"unload_dependents\":" + dependents + "}}");
  }

  private String index() throws Exception {
    return post("/v2/repository/index", "").body();
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
