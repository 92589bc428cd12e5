package dev.lathe.server;

import static dev.lathe.server.Http2Socket.DATA;
import static dev.lathe.server.Http2Socket.END_HEADERS;
import static dev.lathe.server.Http2Socket.END_STREAM;
import static dev.lathe.server.Http2Socket.HEADERS;
import static dev.lathe.server.Http2Socket.RESET;
import static dev.lathe.server.Http2Socket.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client of HTTP/2 gives up while it waits is not computed. */
@Timeout(60)
class GivenUpRequestTest {
  @TempDir private Path data;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/v2/models/demo/same/infer; reset;"
            + " {\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}",
        "/v2/models/demo/same/infer; close;"
            + " {\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}",
        "/api/v1/models/demo/same/predict; reset;"
            + " {\"inputs\":{\"x\":{\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}}}",
      })
  void requestThatIsGivenUp_isNotComputed(String path, String how, String body) throws Exception {
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      Models.publish(registry, "demo/same", Models.identity(ElementType.FLOAT));
      registry.deploy(ModelName.parse("demo/same"), "v1", "prod");
    }
    Path file =
        Files.writeString(
            data.resolve("server.yaml"), "listen: {port: 0}\nlimits: {max_delay: 1s}\n");
    try (LatheServer server =
        LatheServer.start(ServerConfig.read(data, new ConfigSources(file, Map.of(), Map.of())))) {
      try (Http2Socket client = new Http2Socket(server.address().getPort())) {
        ask(client, 1, path, body);
        assertThat(new String(client.await(DATA).payload())).as("the first").contains("1.0,2.0");
        ask(client, 3, path, body);
        LockSupport.parkNanos(300_000_000);
        if (how.equals("reset")) {
          client.send(frame(RESET, 0, 3, new byte[] {0, 0, 0, 8}));
          LockSupport.parkNanos(1_500_000_000);
        }
      }
      LockSupport.parkNanos(how.equals("reset") ? 0 : 1_500_000_000);
      assertThat(stats(server)).contains("\"inference_count\":1");
    }
  }

  private static void ask(Http2Socket client, int stream, String path, String body)
      throws IOException {
    client.send(
        frame(HEADERS, END_HEADERS, stream, Http2Socket.headers("POST", path, "application/json")));
    client.send(frame(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.UTF_8)));
  }

  private static String stats(LatheServer server) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.address() + "/v2/models/demo/same/stats"))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
