package dev.lathe.server.oip;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Lease;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.RequestOptions;
import dev.lathe.server.Door;
import dev.lathe.server.Metrics;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.Tool;
import dev.lathe.server.infer.Answer;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Question;
import dev.lathe.server.infer.SegmentPool;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * The protocol's routes. A model's name is {@code namespace/name}; its slash may be raw or {@code
 * %2F}. Without a version the request goes to what is live in the server's environment, or in that
 * of the query parameter {@code environment}.
 *
 * <p>A request may name a deadline, in microseconds, by its parameter {@code timeout} or the header
 * {@code Lathe-Timeout}; the header {@code Lathe-Caller} says whose turn it takes where several
 * callers share an address.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 */
public final class InferenceDoor implements Door {
  private static final String MODEL = "/v2/models/{namespace}/{name}";
  private static final String VERSION = MODEL + "/versions/{version}";
  private static final HeaderName CALLER = HeaderNames.create("Lathe-Caller");
  private static final HeaderName BINARY = HeaderNames.create("Inference-Header-Content-Length");
  private static final HeaderName TIMEOUT = HeaderNames.create("Lathe-Timeout");
  private static final Pattern MICROSECONDS = Pattern.compile("[0-9]{1,15}");
  private static final int LONGEST_CALLER = 64;
  private static final long POOLED_BYTES = 32L << 20;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Inference inference;
  private final Metrics metrics;
  private final SegmentPool pool = new SegmentPool(POOLED_BYTES);

  /**
   * A door to the models that are deployed.
   *
   * @param inference what answers
   * @param metrics counts requests
   */
  public InferenceDoor(Inference inference, Metrics metrics) {
    this.inference = inference;
    this.metrics = metrics;
  }

  @Override
  public void routes(Routes routes) {
    routes
        .post(Right.INFER, MODEL + "/infer", this::infer)
        .post(Right.INFER, VERSION + "/infer", this::infer)
        .get(Right.KNOWN, "/v2", this::server)
        .get(
            Right.NONE,
            "/v2/health/live",
            (request, response) -> send(response, Map.of("live", true)))
        .get(Right.NONE, "/v2/health/ready", this::serverReady)
        .get(Right.READ, MODEL, this::model)
        .get(Right.READ, VERSION, this::model)
        .get(Right.READ, MODEL + "/ready", this::modelReady)
        .get(Right.READ, VERSION + "/ready", this::modelReady);
  }

  private void server(ServerRequest request, ServerResponse response) {
    Map<String, Object> about =
        Map.of(
            "name",
            "lathe",
            "version",
            Tool.VERSION,
            "extensions",
            List.of("classification", "schedule_policy"));
    send(response, about);
  }

  private void serverReady(ServerRequest request, ServerResponse response) {
    if (!inference.ready()) {
      throw new LatheException(ServerError.STOPPING, "models are being loaded, or let go");
    }
    send(response, Map.of("ready", true));
  }

  private void model(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      LoadedModel model = lease.model();
      send(response, ModelJson.of(model, inference.versions(model.id().model())));
    }
  }

  private void modelReady(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      send(response, Map.of("name", lease.model().id().model().toString(), "ready", true));
    }
  }

  private void infer(ServerRequest request, ServerResponse response) {
    long start = System.nanoTime();
    try (Lease lease = acquire(request)) {
      LoadedModel model = lease.model();
      requireJson(request);
      OptionalLong length = request.headers().contentLength();
      InferBody body = BodyReader.read(request.content().inputStream(), length.orElse(-1), pool);
      answer(request, response, model, body);
      metrics.served(model.id(), System.nanoTime() - start);
    } catch (LatheException e) {
      metrics.refused(e.kind());
      throw e;
    }
  }

  private static void requireJson(ServerRequest request) {
    if (request.headers().contains(BINARY)) {
      throw new LatheException(
          ServerError.NOT_OFFERED,
          "header Inference-Header-Content-Length: the binary tensor extension is not offered"
              + " (send JSON with \"data\")");
    }
  }

  private void answer(
      ServerRequest request, ServerResponse response, LoadedModel model, InferBody body) {
    boolean reusable = true;
    try {
      RequestOptions options =
          RequestOptions.usual().withTimeout(timeout(request, body)).withCaller(caller(request));
      send(
          response,
          body,
          inference.infer(model, new Question(body.inputs(), body.outputs(), options)));
    } catch (LatheException e) {
      reusable = e.kind() != ErrorKind.CANCELLED;
      throw e;
    } finally {
      if (reusable) {
        body.release();
      }
    }
  }

  private static void send(ServerResponse response, InferBody body, Answer answer) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    JsonOut out = new JsonOut(response::outputStream);
    AnswerWriter.write(out, answer.model(), body.id(), answer.outputs());
    byte[] whole = out.finish();
    if (!out.streamed()) {
      response.send(whole);
    }
  }

  private Lease acquire(ServerRequest request) {
    var path = request.path().pathParameters();
    ModelName name = new ModelName(path.get("namespace"), path.get("name"));
    return inference.acquire(
        name,
        path.first("version").orElse(""),
        request.query().isEmpty() ? "" : request.query().first("environment").orElse(""));
  }

  private static Duration timeout(ServerRequest request, InferBody body) {
    if (body.timeoutMicros() > 0) {
      return Duration.of(body.timeoutMicros(), ChronoUnit.MICROS);
    }
    String header = request.headers().first(TIMEOUT).orElse("");
    if (header.isEmpty()) {
      return Duration.ZERO;
    }
    if (!MICROSECONDS.matcher(header).matches()) {
      throw BodyReader.bad(
          "header Lathe-Timeout \"" + header + "\" (expected: microseconds, an integer)");
    }
    return Duration.of(Long.parseLong(header), ChronoUnit.MICROS);
  }

  private static String caller(ServerRequest request) {
    String named = request.headers().first(CALLER).orElse("");
    if (named.isEmpty()) {
      return request.remotePeer().host();
    }
    return named.length() > LONGEST_CALLER ? named.substring(0, LONGEST_CALLER) : named;
  }

  private static void send(ServerResponse response, Object body) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(JSON.writeValueAsBytes(body));
  }
}
