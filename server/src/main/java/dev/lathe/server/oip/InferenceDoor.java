package dev.lathe.server.oip;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.Lease;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.RequestOptions;
import dev.lathe.serve.Selector;
import dev.lathe.server.Door;
import dev.lathe.server.Metrics;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import dev.lathe.server.Tool;
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

  private final Deployments deployments;
  private final Registry registry;
  private final Metrics metrics;
  private final String environment;
  private final SegmentPool pool = new SegmentPool(POOLED_BYTES);

  /**
   * A door to the models that are deployed.
   *
   * @param deployments what answers
   * @param registry what versions there are
   * @param metrics counts requests
   * @param environment answers where a request names none
   */
  public InferenceDoor(
      Deployments deployments, Registry registry, Metrics metrics, String environment) {
    this.deployments = deployments;
    this.registry = registry;
    this.metrics = metrics;
    this.environment = environment;
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
        Map.of("name", "lathe", "version", Tool.VERSION, "extensions", List.of("schedule_policy"));
    send(response, about);
  }

  private void serverReady(ServerRequest request, ServerResponse response) {
    if (!deployments.ready()) {
      throw new LatheException(ServerError.STOPPING, "models are being loaded, or let go");
    }
    send(response, Map.of("ready", true));
  }

  private void model(ServerRequest request, ServerResponse response) {
    try (Lease lease = acquire(request)) {
      List<String> versions =
          registry.log(lease.model().id().model()).stream().map(VersionInfo::version).toList();
      send(response, ModelJson.of(lease.model(), versions));
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
      requireDatatypes(model, body);
      InferResponse answer =
          model.infer(
              new InferRequest(
                  body.inputs(),
                  body.outputs(),
                  RequestOptions.usual()
                      .withTimeout(timeout(request, body))
                      .withCaller(caller(request))));
      send(response, model, body, answer);
    } catch (LatheException e) {
      reusable = e.kind() != ErrorKind.CANCELLED;
      throw e;
    } finally {
      if (reusable) {
        body.release();
      }
    }
  }

  /** Types are compared here and not below, so that the message has the protocol's names. */
  private static void requireDatatypes(LoadedModel model, InferBody body) {
    for (ValueInfo input : model.inputs()) {
      ElementType expected = input.tensorType().element();
      Tensor given = body.inputs().get(input.name());
      if (given != null && given.type() != expected) {
        throw BodyReader.bad(
            "input \""
                + input.name()
                + "\": datatype "
                + Datatype.nameOf(given.type())
                + " (expected: "
                + Datatype.nameOf(expected)
                + ")");
      }
    }
  }

  private static void send(
      ServerResponse response, LoadedModel model, InferBody body, InferResponse answer) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    JsonOut out = new JsonOut(response::outputStream);
    AnswerWriter.write(out, model.id(), body.id(), answer.outputs());
    byte[] whole = out.finish();
    if (!out.streamed()) {
      response.send(whole);
    }
  }

  private Lease acquire(ServerRequest request) {
    var path = request.path().pathParameters();
    ModelName name = new ModelName(path.get("namespace"), path.get("name"));
    if (path.contains("version")) {
      return deployments.acquire(name, Selector.version(path.get("version")));
    }
    String chosen =
        request.query().isEmpty()
            ? environment
            : request.query().first("environment").orElse(environment);
    return deployments.acquire(name, Selector.live(chosen));
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
