package dev.lathe.cli;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.Prediction;
import dev.lathe.server.ServerError;
import dev.lathe.server.VersionDetails;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a server as any client does: one request of the Open Inference Protocol over HTTP.
 *
 * @param server the server's address
 * @param version the version that is expected to answer
 */
record InferCall(URI server, VersionDetails version) {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);

  Prediction send(String request) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest post =
          HttpRequest.newBuilder(server.resolve("/v2/models/" + version.model() + "/infer"))
              .timeout(PATIENCE)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(request))
              .build();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      HttpResponse<String> response = client.send(post, HttpResponse.BodyHandlers.ofString());
      while (response.statusCode() == 503 && System.nanoTime() < deadline) {
        LockSupport.parkNanos(PAUSE.toNanos());
        response = client.send(post, HttpResponse.BodyHandlers.ofString());
      }
      return prediction(response);
    } catch (IOException e) {
      throw new LatheException(ServerError.STOPPING, server + ": no answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServerError.STOPPING, server + ": interrupted", e);
    }
  }

  private Prediction prediction(HttpResponse<String> response) {
    JsonNode body = JsonMapper.shared().readTree(response.body());
    if (response.statusCode() != 200) {
      String said = body.path("error").asString(response.body());
      throw new LatheException(
          ServerError.STOPPING, response.uri() + ": " + response.statusCode() + ": " + said);
    }
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (JsonNode output : body.path("outputs")) {
      outputs.put(output.path("name").asString(), tensor(output));
    }
    String answering = body.path("model_version").asString(version.version());
    return new Prediction(version.model(), answering, outputs, version.labels());
  }

  private static Tensor tensor(JsonNode output) {
    long[] dims = new long[output.path("shape").size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = output.path("shape").get(i).asLong();
    }
    JsonNode data = output.path("data");
    if (output.path("datatype").asString("").equals("INT64")) {
      long[] values = new long[data.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = data.get(i).asLong();
      }
      return Tensor.ofLongs(values, dims);
    }
    double[] values = new double[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.get(i).asDouble();
    }
    return Tensor.ofDoubles(values, dims);
  }
}
