package dev.lathe.server;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.http2.Http2Exception;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The only way out for errors, whatever the door: kinds become statuses and exit codes, messages
 * become {@code {"error": "..."}}. An internal error shows an id that is in the log, nothing else.
 */
public final class ErrorMapping {
  private static final System.Logger LOG = System.getLogger(ErrorMapping.class.getName());
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String[] CHALLENGES = {"Bearer realm=\"lathe\"", "Basic realm=\"lathe\""};

  private ErrorMapping() {}

  /**
   * An error as an answer.
   *
   * @param status the protocol's status
   * @param message what the caller reads
   * @param retrySeconds when to try again; 0 says nothing about it
   */
  public record Answer(int status, String message, long retrySeconds) {
    Answer(int status, String message) {
      this(status, message, status == 429 || status == 503 ? 1 : 0);
    }

    private static Answer of(LatheException e) {
      Answer usual = new Answer(ErrorMapping.status(e.kind()), e.getMessage());
      long seconds = e.retryAfter().plusNanos(999_999_999).toSeconds();
      return seconds == 0 ? usual : new Answer(usual.status, usual.message, seconds);
    }
  }

  /**
   * The HTTP status of a kind.
   *
   * @param kind the kind
   * @return a status from 400
   */
  public static int status(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> 400;
      case DENIED -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT -> 409;
      case EXHAUSTED -> 429;
      case INTERNAL -> 500;
      case UNSUPPORTED -> 501;
      case UNAVAILABLE -> 503;
      case CANCELLED -> 504;
    };
  }

  /**
   * The gRPC status of a kind.
   *
   * @param kind the kind
   * @return a code from 1
   * @see <a href="https://grpc.io/docs/guides/status-codes/">Status codes</a>
   */
  public static int grpcCode(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> 3;
      case CANCELLED -> 4;
      case NOT_FOUND -> 5;
      case DENIED -> 7;
      case EXHAUSTED -> 8;
      case CONFLICT -> 10;
      case UNSUPPORTED -> 12;
      case INTERNAL -> 13;
      case UNAVAILABLE -> 14;
    };
  }

  /**
   * The gRPC status of a failure. What is our own defect is logged with an id; the status has only
   * that.
   *
   * @param failure what was thrown
   * @return code and message
   */
  public static Answer grpc(Throwable failure) {
    return switch (failure) {
      case LatheException e when e.code() == ServerError.UNAUTHENTICATED ->
          new Answer(16, e.getMessage(), 0);
      case LatheException e when e.kind() != ErrorKind.INTERNAL ->
          new Answer(grpcCode(e.kind()), e.getMessage(), 0);
      default -> new Answer(grpcCode(ErrorKind.INTERNAL), answer(failure).message(), 0);
    };
  }

  /**
   * The exit code of a kind.
   *
   * @param kind the kind
   * @return 2 for what the caller got wrong, else 1
   */
  public static int exitCode(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> 2;
      case DENIED, NOT_FOUND, CONFLICT, EXHAUSTED, INTERNAL, UNSUPPORTED, UNAVAILABLE, CANCELLED ->
          1;
    };
  }

  /**
   * The answer to a failure. What is our own defect is logged with an id; the answer has only that.
   *
   * @param failure what was thrown
   * @return status and message
   */
  public static Answer answer(Throwable failure) {
    return switch (failure) {
      case LatheException e when e.code() == ServerError.BODY_TOO_LARGE ->
          new Answer(413, e.getMessage());
      case LatheException e when e.code() == ServerError.UNAUTHENTICATED ->
          new Answer(401, e.getMessage());
      case LatheException e when e.code() == ServerError.TOO_SLOW ->
          new Answer(408, e.getMessage());
      case LatheException e when e.kind() != ErrorKind.INTERNAL -> Answer.of(e);
      case HttpException e when e.status().code() < 500 ->
          new Answer(e.status().code(), text(e.getMessage(), e.status()));
      case UncheckedIOException e -> brokenOff(e);
      case IOException e -> brokenOff(e);
      // Thrown where a client's window stays shut; nobody reads the answer.
      case Http2Exception e -> brokenOff(e);
      default -> internal(failure);
    };
  }

  /**
   * The body of an error.
   *
   * @param message what the caller reads
   * @return {@code {"error": message}} in UTF-8
   */
  public static byte[] body(String message) {
    return JSON.writeValueAsBytes(Map.of("error", message));
  }

  /**
   * The body of an error in OpenAI's form. The field that a message begins with in quotes becomes
   * {@code param}.
   *
   * @param answer status and message
   * @return {@code {"error": {"message", "type", "param", "code"}}} in UTF-8
   */
  public static byte[] openAi(Answer answer) {
    return OpenAiErrors.body(answer);
  }

  /**
   * The body of an error in Anthropic's form.
   *
   * @param answer status and message
   * @return {@code {"type": "error", "error": {"type", "message"}}} in UTF-8
   */
  public static byte[] anthropic(Answer answer) {
    return AnthropicErrors.body(answer);
  }

  /** Makes every exception of a handler an answer. */
  static void install(HttpRouting.Builder routing) {
    routing.error(Throwable.class, ErrorMapping::send);
  }

  /** Answers what fails before a route is found: broken framing, oversize bodies, bad paths. */
  static DirectHandlers direct() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, new Direct());
    }
    return handlers.build();
  }

  static void send(ServerRequest request, ServerResponse response, Answer found) {
    boolean openAi = OpenAiErrors.covers(request.path().rawPath());
    boolean anthropic = AnthropicErrors.covers(request.path().rawPath());
    Answer answer = openAi || anthropic ? OpenAiErrors.told(found) : found;
    response.status(answer.status());
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    if (answer.retrySeconds() > 0) {
      response.header(HeaderNames.RETRY_AFTER, Long.toString(answer.retrySeconds()));
    }
    if (answer.status() == 401) {
      response.header(HeaderNames.WWW_AUTHENTICATE, CHALLENGES);
    }
    response.send(anthropic ? anthropic(answer) : openAi ? openAi(answer) : body(answer.message()));
  }

  private static void send(ServerRequest request, ServerResponse response, Throwable failure) {
    if (failure instanceof HttpException e && !e.keepAlive()) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    send(request, response, answer(failure));
  }

  private static final class Direct implements DirectHandler {
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType type,
        Status status,
        ServerResponseHeaders headers,
        @Nullable String message) {
      return TransportResponse.builder()
          .status(status)
          .headers(headers)
          .header(HeaderNames.CONTENT_TYPE, "application/json")
          .keepAlive(type.keepAlive())
          .entity(body(text(message, status)))
          .build();
    }
  }

  private static String text(@Nullable String message, Status status) {
    if (status.code() == 413) {
      return "the body is larger than this server takes";
    }
    return message == null || message.isBlank() ? status.reasonPhrase() : message;
  }

  private static Answer brokenOff(Exception failure) {
    LOG.log(Level.DEBUG, "request broken off", failure);
    return new Answer(400, "the request's body broke off");
  }

  private static Answer internal(Throwable failure) {
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    LOG.log(Level.ERROR, "internal error " + id, failure);
    return new Answer(500, "internal error " + id + " (the server's log has the details)");
  }
}
