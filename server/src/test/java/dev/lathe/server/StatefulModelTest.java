package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sequences over HTTP, as their deployment declares them. */
@Timeout(60)
class StatefulModelTest {
  private static final ModelName NAME = ModelName.parse("demo/running-sum");

  @Test
  void sequence_keepsItsStateBetweenRequests(@TempDir Path data) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, NAME.toString(), runningSum());
      registry.deploy(NAME, "v1", "prod");
      Map<String, String> settings =
          Map.of("serving.sequence.state", "[{input: before, output: after}]");
      registry.change(NAME, "prod", before -> before.orElseThrow().with(settings));
    }
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(ask(client, server, 1, "\"sequence_id\":7,\"sequence_start\":true"))
          .contains("\"data\":[1.0]")
          .doesNotContain("after");
      assertThat(ask(client, server, 2, "\"sequence_id\":7")).contains("\"data\":[3.0]");
      assertThat(ask(client, server, 5, "\"sequence_id\":\"b\",\"sequence_start\":true"))
          .contains("\"data\":[5.0]");
      assertThat(ask(client, server, 4, "\"sequence_id\":7,\"sequence_end\":true"))
          .contains("\"data\":[7.0]");
      assertThat(ask(client, server, 4, "\"sequence_id\":7"))
          .contains("400 ")
          .contains("sequence \\\"7\\\": is not known");
      assertThat(ask(client, server, 4, "\"priority\":1")).contains("400 ").contains("keeps state");
      HttpResponse<String> metadata =
          client.send(
              HttpRequest.newBuilder(URI.create(server.address() + "/v2/models/" + NAME)).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(metadata.body()).contains("\"x\"").doesNotContain("before");
    }
  }

  private static String ask(HttpClient client, LatheServer server, int value, String parameters)
      throws Exception {
    String body =
        "{\"parameters\":{"
            + parameters
            + "},\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":["
            + value
            + "]}]}";
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(server.address() + "/v2/models/" + NAME + "/infer"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  /** y [N, 1] = x + before; after is y. */
  private static Model runningSum() {
    GraphBuilder graph = new GraphBuilder("running-sum");
    graph.input("x", ElementType.FLOAT, Shape.batchOf(1));
    graph.input("before", ElementType.FLOAT, Shape.batchOf(1));
    graph.append(Node.of("Add", List.of("x", "before"), List.of("y")));
    graph.append(Node.of("Identity", List.of("y"), List.of("after")));
    graph.output("y", ElementType.FLOAT, Shape.batchOf(1));
    graph.output("after", ElementType.FLOAT, Shape.batchOf(1));
    return Model.of(graph.build());
  }
}
