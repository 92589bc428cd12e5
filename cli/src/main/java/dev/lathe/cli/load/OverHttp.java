package dev.lathe.cli.load;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A version on a server, asked by the Open Inference Protocol. */
public final class OverHttp implements Target {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int OK = 200;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest request;
  private final int rows;

  /**
   * Asks a server.
   *
   * @param server its address
   * @param subject the version and what it is asked
   * @param key the caller's key; empty for none
   */
  public OverHttp(URI server, Subject subject, String key) {
    String path =
        "/v2/models/" + subject.model() + "/versions/" + subject.version().substring(1) + "/infer";
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(OpenInference.request(subject.inputs())));
    if (!key.isEmpty()) {
      builder.header("Authorization", "Bearer " + key);
    }
    this.request = builder.build();
    this.rows = Subject.rows(subject.inputs());
  }

  @Override
  public void ask() {
    try {
      HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() != OK) {
        throw new LatheException(
            ServerError.BAD_ANSWER,
            request.uri()
                + ": "
                + answer.statusCode()
                + ": "
                + new String(answer.body(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new LatheException(
          ServerError.UNREACHABLE, request.uri() + ": no answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServerError.GIVEN_UP, request.uri() + ": interrupted", e);
    }
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void close() {
    client.close();
  }
}
