package dev.lathe.server.remote;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ApiJson;
import dev.lathe.server.ServerError;
import dev.lathe.server.release.Packed;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends requests to a Lathe server and reads its answers, within limits of size and time. */
public final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofMinutes(2);
  private static final int LARGEST_ANSWER = 64 << 20;
  private static final int LARGEST_ERROR = 1 << 16;

  private final URI server;
  private final String key;
  private final HttpClient http;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * A client of a server.
   *
   * @param server its address, {@code http} or {@code https}
   * @param key what to say who we are by; empty for nothing
   * @throws LatheException BAD_REQUEST if that is no such address
   */
  public ApiClient(URI server, String key) {
    String scheme = server.getScheme();
    if (server.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "server \"" + server + "\" (expected: an address such as http://127.0.0.1:8080)");
    }
    String text = server.toString();
    this.server = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    this.key = key;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();
  }

  /**
   * What an address below {@code /api/v1} answers.
   *
   * @param path the rest of the address, encoded, with a slash before it
   * @param type what the answer is
   * @param <T> the record
   * @return the answer
   */
  public <T> T get(String path, Class<T> type) {
    return ApiJson.read(bytes(request(path).timeout(ANSWER).GET()), type);
  }

  /**
   * What an address below {@code /api/v1} answers to a body.
   *
   * @param path the rest of the address, encoded, with a slash before it
   * @param body what is sent
   * @param type what the answer is
   * @param <T> the record
   * @return the answer
   */
  public <T> T post(String path, Body body, Class<T> type) {
    HttpRequest.Builder request =
        request(path)
            .timeout(ANSWER)
            .header("Content-Type", body.mediaType())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.bytes()));
    return ApiJson.read(bytes(request), type);
  }

  /**
   * What an address below {@code /api/v1} answers to a body, however long that takes.
   *
   * @param path the rest of the address, encoded, with a slash before it
   * @param body what is sent
   * @param type what the answer is
   * @param <T> the record
   * @return the answer
   */
  public <T> T await(String path, Body body, Class<T> type) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", body.mediaType())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.bytes()));
    return ApiJson.read(bytes(request), type);
  }

  /**
   * What an address below {@code /api/v1} answers to a packed folder.
   *
   * @param path the rest of the address, encoded, with a slash before it
   * @param zip the ZIP file
   * @param type what the answer is
   * @param <T> the record
   * @return the answer
   * @throws IOException if the file cannot be read
   */
  public <T> T upload(String path, Path zip, Class<T> type) throws IOException {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", Packed.MEDIA_TYPE)
            .POST(HttpRequest.BodyPublishers.ofFile(zip));
    return ApiJson.read(bytes(request), type);
  }

  /**
   * Opens what an address below {@code /api/v1} answers as a stream. It may take as long as it
   * likes.
   *
   * @param path the rest of the address, encoded, with a slash before it
   * @param lastEvent the id of the last event seen; empty if none
   * @return the body; the caller closes it. Empty if the server has nothing more to say
   */
  public Optional<InputStream> open(String path, String lastEvent) {
    HttpRequest.Builder request = request(path).GET();
    if (!lastEvent.isEmpty()) {
      request.header("Last-Event-ID", lastEvent);
    }
    HttpResponse<InputStream> response = send(request);
    return response.statusCode() == 204 ? Optional.empty() : Optional.of(response.body());
  }

  /**
   * Opens what an address of the server answers to a body as a stream. It may take as long as it
   * likes.
   *
   * @param path the whole path, encoded, with a slash before it
   * @param body what is sent
   * @return the answer's body; the caller closes it
   */
  public InputStream stream(String path, Body body) {
    HttpRequest.Builder request =
        addressed(path)
            .header("Content-Type", body.mediaType())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.bytes()));
    return send(request).body();
  }

  /**
   * What a request carries.
   *
   * @param mediaType its media type
   * @param bytes the body
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Body(String mediaType, byte[] bytes) {
    /** No body. */
    public static final Body NONE = new Body("application/json", new byte[0]);

    /**
     * A record.
     *
     * @param value the record
     * @return its JSON
     */
    public static Body json(Object value) {
      return new Body("application/json", ApiJson.bytes(value));
    }

    /**
     * A recipe.
     *
     * @param yaml its text
     * @return the text in UTF-8
     */
    public static Body yaml(String yaml) {
      return new Body("application/yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * A text as one segment of a path.
   *
   * @param text any text
   * @return the text, percent-encoded
   */
  public static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Waits before the next try.
   *
   * @param time how long
   * @throws LatheException GIVEN_UP if this is closed or the thread is interrupted meanwhile
   */
  public void pause(Duration time) {
    try {
      if (!closed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new LatheException(ServerError.GIVEN_UP, server + ": the caller stopped waiting");
  }

  /** Breaks off what is under way. */
  @Override
  public void close() {
    closed.countDown();
    http.shutdownNow();
    http.close();
  }

  private HttpRequest.Builder request(String path) {
    return addressed("/api/v1" + path);
  }

  private HttpRequest.Builder addressed(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path));
    return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
  }

  private byte[] bytes(HttpRequest.Builder request) {
    try (InputStream body = send(request).body()) {
      byte[] bytes = body.readNBytes(LARGEST_ANSWER + 1);
      if (bytes.length > LARGEST_ANSWER) {
        throw new LatheException(
            ServerError.BAD_ANSWER,
            server + ": an answer of more than " + LARGEST_ANSWER + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private HttpResponse<InputStream> send(HttpRequest.Builder request) {
    try {
      HttpResponse<InputStream> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() >= 300) {
        throw refused(response);
      }
      return response;
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LatheException(ServerError.GIVEN_UP, server + ": the caller was interrupted", e);
    }
  }

  private LatheException refused(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(LARGEST_ERROR);
      String message = message(bytes).orElse(server + ": status " + response.statusCode());
      return new LatheException(code(response.statusCode()), message);
    }
  }

  private static Optional<String> message(byte[] body) {
    try {
      return Optional.of(ApiJson.read(body, Refusal.class).error());
    } catch (LatheException e) {
      return openAi(body);
    }
  }

  /** As the OpenAI API words it. */
  private static Optional<String> openAi(byte[] body) {
    try {
      return Optional.of(ApiJson.read(body, OpenAiRefusal.class).error().message());
    } catch (LatheException e) {
      return Optional.empty();
    }
  }

  /** The body of every error of our own API. */
  private record Refusal(String error) {}

  private record OpenAiRefusal(Reason error) {
    private record Reason(String message) {}
  }

  private static ServerError code(int status) {
    return switch (status) {
      case 400, 405, 415 -> ServerError.BAD_REQUEST;
      case 401, 403 -> ServerError.REFUSED;
      case 404 -> ServerError.NOT_FOUND;
      case 409 -> ServerError.IN_THE_WAY;
      case 413, 429 -> ServerError.BUSY;
      case 501 -> ServerError.NOT_OFFERED;
      case 503 -> ServerError.UNREACHABLE;
      case 504 -> ServerError.GIVEN_UP;
      default -> status >= 500 ? ServerError.DEFECT : ServerError.BAD_ANSWER;
    };
  }

  private LatheException unreachable(IOException cause) {
    return new LatheException(
        ServerError.UNREACHABLE,
        "no server answers at " + server + " (" + reason(cause) + ")",
        cause);
  }

  /** Why there is no answer. The client of the JDK leaves most of this without words. */
  private static String reason(IOException cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof UnresolvedAddressException || at instanceof UnknownHostException) {
        return "unknown host";
      }
    }
    return switch (cause) {
      case HttpConnectTimeoutException _ -> "no connection within " + CONNECT.toSeconds() + " s";
      case HttpTimeoutException _ -> "no answer within " + ANSWER.toSeconds() + " s";
      case ConnectException e -> worded(e, "connection refused");
      default -> worded(cause, cause.getClass().getSimpleName());
    };
  }

  private static String worded(IOException cause, String otherwise) {
    String message = cause.getMessage();
    return message == null || message.isBlank() ? otherwise : message;
  }
}
