package dev.lathe.server.oip;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import dev.lathe.serve.Lease;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.RequestOptions;
import dev.lathe.serve.Visit;
import dev.lathe.server.ClientWatch;
import dev.lathe.server.Metrics;
import dev.lathe.server.access.AskedTimeout;
import dev.lathe.server.access.Caller;
import dev.lathe.server.infer.Answer;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Question;
import dev.lathe.server.infer.SegmentPool;
import dev.lathe.server.observe.Observed;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Answers inference requests: reads the body, asks the model, writes the answer. */
final class InferHandler {
  private static final HeaderName CALLER = HeaderNames.create("Lathe-Caller");

  /** Says which version answered, or failed to. */
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}");

  private static final int LONGEST_CALLER = 64;
  private static final long POOLED_BYTES = 32L << 20;

  private final Inference inference;
  private final Metrics metrics;
  private final ClientWatch clients;
  private final SegmentPool pool = new SegmentPool(POOLED_BYTES);

  InferHandler(Inference inference, Metrics metrics, ClientWatch clients) {
    this.inference = inference;
    this.metrics = metrics;
    this.clients = clients;
  }

  /**
   * A request that was read.
   *
   * @param body what it says
   * @param send writes the answer
   */
  record Asked(InferBody body, Consumer<Answer> send) {}

  /** Handles {@code POST .../infer}. */
  void infer(ServerRequest request, ServerResponse response) {
    handle(
        request,
        inputs -> {
          InferBody body = body(request, inputs);
          Reply reply = Reply.to(request.headers(), response);
          return new Asked(body, answer -> reply.send(body, answer));
        });
  }

  /**
   * Answers a request in whatever form it has. The model is lent neither while the body comes nor
   * while the answer goes: how long that takes is the client's affair.
   *
   * @param read reads the body; it may ask for the model's inputs
   */
  void handle(ServerRequest request, Function<Supplier<List<ValueInfo>>, Asked> read) {
    long start = System.nanoTime();
    try {
      Answer answer = answer(request, read.apply(() -> inputs(request)));
      metrics.served(answer.model(), System.nanoTime() - start);
    } catch (LatheException e) {
      metrics.refused(e.kind());
      throw e;
    }
  }

  /** Where requests get their memory from. */
  SegmentPool pool() {
    return pool;
  }

  /** The version that a request names by path and query, which is not used by it. */
  ModelVersion look(ServerRequest request) {
    return inference.look(
        ModelPath.name(request), ModelPath.version(request), ModelPath.environment(request));
  }

  private List<ValueInfo> inputs(ServerRequest request) {
    try (Lease lease = visited(request)) {
      return lease.model().inputs();
    }
  }

  private Lease visited(ServerRequest request) {
    Visit visit = Observed.current().visit(caller(request));
    return inference.acquire(
        ModelPath.name(request), ModelPath.version(request), ModelPath.environment(request), visit);
  }

  /** What a request asks of the scheduler by its headers, over what it asks by its parameters. */
  static RequestOptions options(ServerRequest request, RequestOptions stated) {
    RequestOptions options = stated.withCaller(caller(request));
    return options.timeout().isZero() ? options.withTimeout(AskedTimeout.current()) : options;
  }

  private InferBody body(ServerRequest request, Supplier<List<ValueInfo>> inputs) {
    long length =
        request.headers().contains(HeaderNames.CONTENT_ENCODING)
            ? -1
            : request.headers().contentLength().orElse(-1);
    InputStream content = request.content().inputStream();
    if (!request.headers().contains(Reply.JSON_LENGTH)) {
      return BodyReader.read(content, BodySize.json(length), pool);
    }
    long json = jsonLength(request.headers().get(Reply.JSON_LENGTH).values());
    return json == 0
        ? RawBody.read(content, length, inputs.get(), pool)
        : BodyReader.read(content, new BodySize(length, json), pool);
  }

  private static long jsonLength(String header) {
    if (!NUMBER.matcher(header).matches()) {
      throw BodyReader.bad(
          "header Inference-Header-Content-Length \""
              + header
              + "\" (expected: the bytes of JSON before the tensors)");
    }
    return Long.parseLong(header);
  }

  private Answer answer(ServerRequest request, Asked asked) {
    boolean reusable = true;
    try {
      Answer answer = ask(request, asked.body());
      asked.send().accept(answer);
      return answer;
    } catch (LatheException e) {
      reusable = e.kind() != ErrorKind.CANCELLED;
      throw e;
    } finally {
      if (reusable) {
        asked.body().release();
      }
    }
  }

  private Answer ask(ServerRequest request, InferBody body) {
    RequestOptions options = options(request, body.options());
    try (Lease lease = visited(request);
        ClientWatch.Watched client = clients.watch()) {
      Observed.current().answering(lease.model().id());
      return inference.infer(
          lease,
          new Question(
              body.inputs(),
              body.wanted().list(),
              options.withCancellation(client.cancellation())));
    }
  }

  static String caller(ServerRequest request) {
    String known = Caller.current().name();
    if (!known.isEmpty()) {
      return known;
    }
    String named = request.headers().first(CALLER).orElse("");
    if (named.isEmpty()) {
      return request.remotePeer().host();
    }
    return named.length() > LONGEST_CALLER ? named.substring(0, LONGEST_CALLER) : named;
  }
}
