package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OverloadTest {
  private static final String BODY =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}";
  private static final String SLOW_BODY =
      "{\"inputs\":[{\"name\":\"n\",\"shape\":[],\"datatype\":\"INT64\",\"data\":[60000]}]}";

  @Test
  void fullQueue_is429WithRetryAfterAndTheRestIsAnswered(@TempDir Path data) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/slow", slow());
      registry.deploy(ModelName.parse("demo/slow"), "v1", "prod");
      ServerConfig.Limits usual = ServerConfig.Limits.defaults();
      ServerConfig.Limits tight =
          new ServerConfig.Limits(
              1 << 20,
              1,
              1,
              usual.maxDelay(),
              usual.timeout(),
              usual.maxConnections(),
              usual.versionCache(),
              usual.memoryBytes(),
              usual.adapters(),
              usual.maxPerAddress(),
              usual.maxBodies());
      try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0).with(tight));
          HttpClient client = HttpClient.newHttpClient();
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          answers.add(
              callers.submit(() -> post(client, server, "/v2/models/demo/slow/infer", SLOW_BODY)));
        }
        Set<Integer> statuses = new HashSet<>();
        for (Future<HttpResponse<String>> future : answers) {
          HttpResponse<String> answer = future.get();
          statuses.add(answer.statusCode());
          if (answer.statusCode() == 429) {
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            assertThat(answer.body()).contains("queue full");
          }
        }
        assertThat(statuses).containsExactlyInAnyOrder(200, 429);
      }
    }
  }

  @Test
  void clientsThatGo_leaveNothingBehindThemInTheEngine(@TempDir Path data) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/slow", slow());
      registry.deploy(ModelName.parse("demo/slow"), "v1", "prod");
    }
    String hours = SLOW_BODY.replace("60000", "100000000000");
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
          socket
              .getOutputStream()
              .write(
                  ("POST /v2/models/demo/slow/infer HTTP/1.1\r\nHost: localhost\r\n"
                          + "Content-Type: application/json\r\nContent-Length: "
                          + hours.length()
                          + "\r\n\r\n"
                          + hours)
                      .getBytes(StandardCharsets.UTF_8));
        }
      }
      String brief = SLOW_BODY.replace("60000", "3");
      HttpResponse<String> answer = post(client, server, "/v2/models/demo/slow/infer", brief);
      assertThat(answer.body()).contains("\"data\":[3]");
    }
  }

  @Test
  void connection_servesFurtherRequestsAfterALongWait(@TempDir Path data) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/slow", slow());
      registry.deploy(ModelName.parse("demo/slow"), "v1", "prod");
    }
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        HttpClient client = HttpClient.newHttpClient()) {
      for (int n : new int[] {200_000, 3, 300_000, 4, 5}) {
        String body = SLOW_BODY.replace("60000", Integer.toString(n));
        HttpResponse<String> answer = post(client, server, "/v2/models/demo/slow/infer", body);
        assertThat(answer.body()).contains("\"data\":[" + n + "]");
      }
    }
  }

  @Test
  void switchesUnderLoad_failNoRequest(@TempDir Path data) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      ModelName name = ModelName.parse("demo/adding");
      Models.publish(registry, "demo/adding", Models.adding(1));
      Models.publish(registry, "demo/adding", Models.adding(2));
      registry.deploy(name, "v1", "prod");
      try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
          HttpClient client = HttpClient.newHttpClient();
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        AtomicBoolean stop = new AtomicBoolean();
        List<Future<?>> load = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          load.add(callers.submit(() -> ask(client, server, stop)));
        }
        for (int round = 0; round < 5; round++) {
          String version = round % 2 == 0 ? "v2" : "v1";
          registry.deploy(name, version, "prod");
          while (!isAnsweredBy(client, server, version)) {
            Thread.onSpinWait();
          }
        }
        stop.set(true);
        for (Future<?> caller : load) {
          caller.get();
        }
      }
    }
  }

  private static Void ask(HttpClient client, LatheServer server, AtomicBoolean stop)
      throws Exception {
    while (!stop.get()) {
      HttpResponse<String> answer = post(client, server, "/v2/models/demo/adding/infer", BODY);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      String sums = answer.body().contains("\"v1\"") ? "[2.0,3.0]" : "[3.0,4.0]";
      assertThat(answer.body()).contains("\"data\":" + sums);
    }
    return null;
  }

  private static boolean isAnsweredBy(HttpClient client, LatheServer server, String version)
      throws Exception {
    return post(client, server, "/v2/models/demo/adding/infer", BODY)
        .body()
        .contains("\"model_version\":\"" + version + "\"");
  }

  private static HttpResponse<String> post(
      HttpClient client, LatheServer server, String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Counts to "n" in a loop; "y" is n. */
  private static Model slow() {
    GraphBuilder body = new GraphBuilder("body");
    body.input("i", ElementType.INT64, Shape.SCALAR);
    body.input("go", ElementType.BOOL, Shape.SCALAR);
    body.input("sum", ElementType.INT64, Shape.SCALAR);
    String one = body.initializer("one", Tensor.scalar(1L));
    body.append(Node.of("Identity", List.of("go"), List.of("go_on")));
    body.append(Node.of("Add", List.of("sum", one), List.of("sum_out")));
    body.output("go_on", ElementType.BOOL, Shape.SCALAR);
    body.output("sum_out", ElementType.INT64, Shape.SCALAR);
    GraphBuilder graph = new GraphBuilder("slow");
    graph.input("n", ElementType.INT64, Shape.SCALAR);
    String go = graph.initializer("start", Tensor.ofBytes(ElementType.BOOL, new byte[] {1}));
    String zero = graph.initializer("zero", Tensor.scalar(0L));
    Node loop =
        Node.of("Loop", List.of("n", go, zero), List.of("y"))
            .with("body", new Attribute.OfGraph(body.build()));
    graph.append(loop);
    graph.output("y", ElementType.INT64, Shape.of(List.<Dim>of()));
    return Model.of(graph.build());
  }
}
