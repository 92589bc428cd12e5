package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** KServe's first protocol, by the payloads that its documentation shows. */
class PredictDoorTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static LatheServer server;

  @BeforeAll
  static void start(@TempDir Path data) {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/adding", Models.adding(1));
      registry.deploy(ModelName.parse("demo/adding"), "v1", "prod");
      for (ElementType type : new ElementType[] {ElementType.STRING, ElementType.INT64}) {
        Models.publish(registry, "default/" + type, Models.identity(type));
        registry.deploy(ModelName.parse("default/" + type), "v1", "prod");
      }
    }
    server = LatheServer.start(ServerConfig.of(data, 0));
  }

  @AfterAll
  static void stop() {
    server.close();
    CLIENT.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo/adding|{\"instances\":[[1,2],[3,4]]}"
            + "|{\"predictions\":[{\"y\":[2.0,3.0],\"z\":[1.0,2.0]},{\"y\":[4.0,5.0],\"z\":[3.0,4.0]}]}",
        "demo%2Fadding|{\"instances\":[{\"x\":[1,2]}],\"signature_name\":\"any\"}"
            + "|{\"predictions\":[{\"y\":[2.0,3.0],\"z\":[1.0,2.0]}]}",
        "demo/adding|{\"inputs\":[[1,2]]}|{\"outputs\":{\"y\":[[2.0,3.0]],\"z\":[[1.0,2.0]]}}",
        "demo/adding|{\"inputs\":{\"x\":[[1,2]]}}|{\"outputs\":{\"y\":[[2.0,3.0]],\"z\":[[1.0,2.0]]}}",
        "INT64|{\"instances\":[[9007199254740993]]}|{\"predictions\":[[9007199254740993]]}",
        "INT64|{\"inputs\":[[1],[2]]}|{\"outputs\":[[1],[2]]}",
        "STRING|{\"instances\":[[{\"b64\":\"w6Q=\"},\"b\"]]}|{\"predictions\":[[\"ä\",\"b\"]]}",
        "STRING|{\"instances\":[{\"x\":[\"a\"]},{\"x\":[\"b\"]}]}|{\"predictions\":[[\"a\"],[\"b\"]]}"
      })
  void rowsAndTensors_areAnswered(String model, String body, String expected) throws Exception {
    HttpResponse<String> answer = post(model, body);
    assertThat(answer.body()).isEqualTo(expected);
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo/adding|{}|\"instances\": missing",
        "demo/adding|[]|the body: an array (expected: an object)",
        "demo/adding|{\"instances\":{}}|\"instances\": an object (expected: an array)",
        "demo/adding|{\"instances\":[[1,2],[3]]}|ragged",
        "demo/adding|{\"instances\":[[1,2],3]}|a value at depth 0",
        "demo/adding|{\"instances\":[{\"w\":[1,2]}]}|input \"w\": the model has none of that name",
        "demo/adding|{\"instances\":[{}]}|instance 0: has [] (expected: [x])",
        "demo/adding|{\"instances\":[{\"x\":[1,2],\"x\":[1,2]}]}|key \"x\" twice",
        "demo/adding|{\"instances\":[[1,2]],\"inputs\":[[1,2]]}|(expected: one of them)",
        "demo/adding|{\"instances\":[[1,NaN]]}|not valid JSON",
        "demo/adding|{\"instances\":[[1,\"Infinity\"]]}|(expected: a number",
        "demo/adding|{\"instances\":[{\"b64\":\"AAAA\"}]}|\"b64\" (expected: numbers",
        "demo/adding|{\"inputs\":5}|(expected: an array)",
        "demo/adding|{\"instances\":[[1,2,3]]}|shape [1, 3] (expected: [-1, 2])",
        "demo/adding|{\"instances\":[]}|shape [0] (expected: [-1, 2])",
        "demo/adding|{\"instances\":[[1,2]|ends too early",
        "INT64|{\"instances\":[[1.5]]}|1.5 at element 0",
        "STRING|{\"instances\":[[{\"b64\":\"?\"}]]}|(expected: Base64)",
        "STRING|{\"instances\":[[{\"c\":\"?\"}]]}|(expected: a value, or {"
      })
  void badBody_is400WithTheReason(String model, String body, String text) throws Exception {
    HttpResponse<String> answer = post(model, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body().replace("\\\"", "\"")).contains(text);
  }

  @Test
  void models_areListedAndReady() throws Exception {
    assertThat(get("/v1/models/demo/adding").body())
        .startsWith("{\"name\":\"demo/adding\",\"ready\":true,\"id\":\"demo/adding\",")
        .contains("\"object\":\"model\"", "\"owned_by\":\"demo\"", "\"created\":1");
    assertThat(get("/v1/models").body())
        .startsWith("{\"models\":[")
        .contains("\"object\":\"list\",\"data\":[{\"id\":");
    assertThat(get("/v1/models/nothing").body()).startsWith("{\"error\":{\"message\":");
    assertThat(get("/v1/models").body()).contains("\"demo/adding\"");
    assertThat(get("/v1/models/nothing").statusCode()).isEqualTo(404);
    assertThat(post("nothing", "{}").statusCode()).isEqualTo(404);
    assertThat(get("/v1/models/demo/adding:predict").statusCode()).isIn(400, 404, 405);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create(server.address() + path);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String model, String body) throws Exception {
    URI uri = URI.create(server.address() + "/v1/models/" + model + ":predict");
    return CLIENT.send(
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
