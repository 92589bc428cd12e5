package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Lease;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.RequestOptions;
import dev.lathe.serve.SequenceStep;
import dev.lathe.serve.Visit;
import dev.lathe.server.Metrics;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Answer;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Question;
import dev.lathe.server.observe.Observed;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Inference: one request, or a stream of them. */
final class InferRpcs {
  private static final Duration NONE = Duration.ZERO;

  private final Inference inference;
  private final Metrics metrics;

  /**
   * Answers with what is deployed.
   *
   * @param inference what answers
   * @param metrics counts requests
   */
  InferRpcs(Inference inference, Metrics metrics) {
    this.inference = inference;
    this.metrics = metrics;
  }

  /** All of them. */
  List<Rpc> all() {
    return List.of(
        GrpcDoor.unary("ModelInfer", Right.INFER, 1, this::single),
        new Rpc(GrpcDoor.SERVICE + "ModelStreamInfer", Right.INFER, 1, new Streamed()));
  }

  private WireWriter single(RpcCall.Admitted call, Message message) {
    return answer(call, message, fields -> {});
  }

  /** {@code ModelStreamInferResponse}: an answer, or an error, for each request. */
  private final class Streamed implements Rpc.Each {
    @Override
    public Optional<Object> lane(Message message) {
      try {
        SequenceStep.Id id =
            InferMessage.read(message.reader()).parameters().sequence("sequence_id");
        return id.isNone() ? Optional.empty() : Optional.of(id);
      } catch (LatheException e) {
        // Reading it again, to answer it, says what is wrong.
        return Optional.empty();
      }
    }

    @Override
    public WireWriter answer(RpcCall.Admitted call, Message message) {
      WireWriter answer =
          InferRpcs.this.answer(
              call,
              message,
              fields ->
                  fields.message(
                      4,
                      entry ->
                          entry
                              .text(1, "triton_final_response")
                              .message(2, value -> value.numberOf(1, 1))));
      return new WireWriter().message(2, answer);
    }

    @Override
    public WireWriter failed(Message message, Throwable failure) {
      String id = InferMessage.id(message.reader());
      WireWriter fields = new WireWriter().text(1, RpcStatus.of(failure).message());
      return id.isEmpty() ? fields : fields.message(2, inner -> inner.text(3, id));
    }
  }

  private WireWriter answer(
      RpcCall.Admitted call, Message message, Consumer<WireWriter> parameters) {
    long start = System.nanoTime();
    try {
      InferMessage request = InferMessage.read(message.reader());
      ModelName name = Inference.name(request.model());
      try (Lease lease = inference.acquire(name, request.version(), "", visit(call, request))) {
        LoadedModel model = lease.model();
        Question question =
            new Question(
                InputTensors.of(request, message), wanted(request), options(call, request));
        Answer answer = inference.infer(lease, question);
        WireWriter fields = OutputMessage.of(request.id(), answer, parameters);
        metrics.served(model.id(), System.nanoTime() - start);
        return fields;
      }
    } catch (LatheException e) {
      metrics.refused(e.kind());
      throw e;
    }
  }

  /** A header is the call's metadata, or the request's parameter of that name. */
  private static Visit visit(RpcCall.Admitted call, InferMessage request) {
    Headers metadata = call.call().origin().metadata();
    return new Visit(
        request.id().isEmpty() ? Observed.current().id() : request.id(),
        call.caller(),
        name -> metadata.first(HeaderNames.create(name)).or(() -> request.parameters().text(name)));
  }

  private static List<Question.Wanted> wanted(InferMessage request) {
    return request.wanted().stream()
        .map(
            output -> {
              InputTensors.requireNoSharedMemory(
                  "output \"" + output.name() + "\"", output.parameters());
              return new Question.Wanted(
                  output.name(), small(output.parameters().number("classification")));
            })
        .toList();
  }

  private static RequestOptions options(RpcCall.Admitted call, InferMessage request) {
    Parameters parameters = request.parameters();
    SequenceStep.Id id = parameters.sequence("sequence_id");
    RequestOptions options =
        RequestOptions.usual()
            .withTimeout(timeout(call.call().timing(), parameters.number("timeout")))
            .withCaller(call.caller())
            .withPriority(small(parameters.number("priority")))
            .withCancellation(call.call().timing().cancellation());
    return id.isNone()
        ? options
        : options.withSequence(
            new SequenceStep(
                id, parameters.flag("sequence_start"), parameters.flag("sequence_end")));
  }

  /** The sooner of the request's own timeout and the call's deadline; zero if there is neither. */
  private static Duration timeout(RpcCall.Timing timing, long micros) {
    Duration own = Duration.of(micros, ChronoUnit.MICROS);
    if (!timing.bounded()) {
      return own;
    }
    Duration left = Duration.ofNanos(timing.deadlineNanos() - System.nanoTime());
    if (!left.isPositive()) {
      throw new LatheException(ServerError.GIVEN_UP, "the call's deadline has passed");
    }
    return own.equals(NONE) || left.compareTo(own) < 0 ? left : own;
  }

  private static int small(long number) {
    return (int) Math.min(number, Integer.MAX_VALUE);
  }

  /** A request's model and version, as most requests about a model have them. */
  record Named(String model, String version) {
    static Named read(WireReader fields) {
      String model = "";
      String version = "";
      while (fields.next()) {
        switch (fields.field()) {
          case 1 -> model = fields.text();
          case 2 -> version = fields.text();
          default -> {}
        }
      }
      return new Named(model, version);
    }
  }
}
