package dev.lathe.checks.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Versions on trial, as an operator tries them: v2 answers as v1 does, but not above 5, and fails
 * above 100.
 */
@Timeout(300)
class RolloutIT {
  private static final String MODEL = "team/adding";

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private Product product;

  @BeforeEach
  void write() throws Exception {
    product = new Product(folder);
    Files.write(folder.resolve("v1.onnx"), OnnxFile.toBytes(adding(1e9f)));
    Files.write(folder.resolve("v2.onnx"), OnnxFile.toBytes(adding(5)));
  }

  @Test
  void canaryThatTurnsBad_rollsBackByItself_andStaysAway() throws Exception {
    try (Product.Server server = product.serve(folder.resolve("data"))) {
      release(server);
      run(server, "deploy", MODEL + "@v2", "--env", "prod", "--canary", "50");
      await(server, () -> versions(server, "good", 1).contains("v2"));
      assertThat(json(server, "trial").at("/canary/state").asString()).isEqualTo("running");
      await(
          server,
          () -> {
            versions(server, "bad", 200);
            return json(server, "trial").at("/canary/state").asString().equals("rolled_back");
          });
      JsonNode history = json(server, "history");
      await(server, () -> json(server, "history").size() > 2);
      assertThat(json(server, "history").get(0).get("message").asString())
          .startsWith("Roll back prod: v2\n\nerror_rate: ");
      assertThat(history.get(history.size() - 1).get("to").asString()).isEqualTo("v1");
      assertThat(versions(server, "bad", 200)).containsOnly("v1");
    }
    Product.Result log =
        product.run(
            List.of(
                "git",
                "--git-dir",
                repository().toString(),
                "log",
                "-1",
                "--format=%s",
                "env/prod"));
    assertThat(log.expect(0).out().strip()).isEqualTo("Roll back prod: v2");
    try (Product.Server server = product.serve(folder.resolve("data"))) {
      awaitReady(server);
      assertThat(versions(server, "bad", 200)).containsOnly("v1");
    }
  }

  @Test
  void shadowReport_namesTheRequestsThatDiffer_andPromotionMakesItLive() throws Exception {
    try (Product.Server server = product.serve(folder.resolve("data"))) {
      release(server);
      run(server, "deploy", MODEL + "@v2", "--env", "prod", "--shadow");
      await(server, () -> !trial(server, "/shadow/state").asString().equals("waiting"));
      await(
          server,
          () -> {
            assertThat(versions(server, "same", 1)).containsOnly("v1");
            assertThat(versions(server, "other", 7)).containsOnly("v1");
            return trial(server, "/shadow/agreement/different").asInt() > 0;
          });
      assertThat(trial(server, "/shadow/agreement/requests").valueStream())
          .isNotEmpty()
          .allSatisfy(
              request -> {
                assertThat(request.get("id").asString()).startsWith("other-");
                assertThat(request.at("/differences/0/live").asString()).isEqualTo("8.0");
                assertThat(request.at("/differences/0/trial").asString()).isEqualTo("5.0");
              });
      assertThat(run(server, "trial", MODEL, "--env", "prod").out()).contains("other-", "y: value");
      assertThat(run(server, "promote", MODEL + "@v2", "--env", "prod").out())
          .contains("v2 is live");
      assertThat(versions(server, "promoted", 1)).containsOnly("v2");
      assertThat(run(server, "rollback", MODEL, "--env", "prod").out()).contains("v1 is live");
    }
  }

  private void release(Product.Server server) throws InterruptedException {
    awaitReady(server);
    run(server, "release", "v1.onnx", "--name", MODEL);
    run(server, "release", "v2.onnx", "--name", MODEL);
    run(server, "deploy", MODEL + "@v1", "--env", "prod");
  }

  private static Model adding(float most) {
    GraphBuilder graph = new GraphBuilder("adding");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(2));
    String one = graph.initializer("one", Tensor.scalar(1f));
    String limit = graph.initializer("limit", Tensor.scalar(most));
    int known = most < 100 ? 101 : 1000;
    String zeros = graph.initializer("zeros", Tensor.zeros(ElementType.FLOAT, known));
    graph.append(Node.of("Add", List.of(x, one), List.of("sum")));
    graph.append(Node.of("Min", List.of("sum", limit), List.of("least")));
    graph.append(
        Node.of("Cast", List.of(x), List.of("place"))
            .with("to", Attribute.of((long) ElementType.INT64.code())));
    graph.append(Node.of("Gather", List.of(zeros, "place"), List.of("nothing")));
    graph.append(Node.of("Add", List.of("least", "nothing"), List.of("y")));
    graph.output("y", ElementType.FLOAT, Shape.batchOf(2));
    return Model.of(graph.build());
  }

  private Path repository() {
    return folder.resolve("data").resolve("registry").resolve("git").resolve(MODEL + ".git");
  }

  private Product.Result run(Product.Server server, String... arguments) {
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--server";
    all[arguments.length + 1] = server.address();
    return product.run(all).expect(0);
  }

  private JsonNode json(Product.Server server, String verb) {
    return get(server, "/api/v1/models/" + MODEL + "/deployments/prod/" + verb);
  }

  private JsonNode trial(Product.Server server, String path) {
    return json(server, "trial").at(path);
  }

  private JsonNode get(Product.Server server, String path) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + path)).build();
    return JsonMapper.shared().readTree(send(request).body());
  }

  /** Which versions answered a round of requests; those that fail are left out. */
  private List<String> versions(Product.Server server, String name, float value) {
    return IntStream.range(0, 40)
        .mapToObj(i -> send(question(server, name + "-" + i, value)))
        .filter(answer -> answer.statusCode() == 200)
        .map(answer -> answer.headers().firstValue("Lathe-Version").orElseThrow())
        .distinct()
        .toList();
  }

  private static HttpRequest question(Product.Server server, String id, float value) {
    String body =
        "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 2], \"data\": ["
            + value
            + ", 0]}]}";
    return HttpRequest.newBuilder(URI.create(server.address() + "/v2/models/" + MODEL + "/infer"))
        .header("Content-Type", "application/json")
        .header("X-Request-Id", id)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitReady(Product.Server server) throws InterruptedException {
    URI ready = URI.create(server.address() + "/v2/health/ready");
    await(server, () -> send(HttpRequest.newBuilder(ready).build()).statusCode() == 200);
  }

  private static void await(Product.Server server, BooleanSupplier condition)
      throws InterruptedException {
    while (!condition.getAsBoolean()) {
      assertThat(server.process().waitFor(50, TimeUnit.MILLISECONDS))
          .as("the server has ended")
          .isFalse();
    }
  }
}
