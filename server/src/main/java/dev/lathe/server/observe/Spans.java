package dev.lathe.server.observe;

import dev.lathe.ir.ErrorCode;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.OperationConfig;
import dev.lathe.server.Tool;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests as OpenTelemetry's spans, sent by OTLP over HTTP: one of the server, and below it for
 * each answer of a model one of its wait in the queue and one of its computation. Requests that
 * shared a run are linked: each to the one that was answered first. Spans that come faster than
 * they can be sent are dropped.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a>
 */
final class Spans implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration CLOSING = Duration.ofSeconds(5);
  private static final int MOST_WAITING = 4096;
  private static final int MOST_RUNS = 1024;
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("lathe.model");
  private static final AttributeKey<String> VERSION = AttributeKey.stringKey("lathe.version");
  private static final AttributeKey<Long> REQUESTS = AttributeKey.longKey("lathe.run.requests");
  private static final AttributeKey<Long> ROWS = AttributeKey.longKey("lathe.run.rows");
  private static final TextMapGetter<Arrival> HEADERS = new Headers();

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /** The first computation seen of a run that several requests shared; the latest runs only. */
  private final Map<RunKey, SpanContext> runs = new LinkedHashMap<>();

  private record RunKey(ModelVersion model, long started) {}

  Spans(OperationConfig.Telemetry config) {
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder().setEndpoint(config.traces()).setTimeout(PATIENCE);
    config.headers().forEach(exporter::addHeader);
    Attributes about =
        Attributes.of(
            AttributeKey.stringKey("service.name"),
            "lathe",
            AttributeKey.stringKey("service.version"),
            Tool.VERSION);
    this.provider =
        SdkTracerProvider.builder()
            .setResource(Resource.getDefault().merge(Resource.create(about)))
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.sampleRatio())))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter.build())
                    .setMaxQueueSize(MOST_WAITING)
                    .setScheduleDelay(Duration.ofSeconds(1))
                    .build())
            .build();
    this.tracer = provider.get("dev.lathe.server", Tool.VERSION);
  }

  /** Begins the span of a request, below the caller's if it names one. */
  Span begin(Arrival arrival) {
    Context parent =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), arrival, HEADERS);
    return tracer
        .spanBuilder(arrival.method())
        .setParent(parent)
        .setSpanKind(SpanKind.SERVER)
        .startSpan();
  }

  /** Ends the span of a request. */
  void end(Span span, Observed seen, AccessLog.Passage passage) {
    if (span.isRecording()) {
      if (!passage.route().isEmpty()) {
        span.updateName(passage.method() + " " + passage.route());
        span.setAttribute("http.route", passage.route());
      }
      span.setAttribute("http.request.method", passage.method());
      span.setAttribute("url.path", passage.path());
      span.setAttribute("http.response.status_code", passage.status());
      span.setAttribute("lathe.request_id", seen.id());
      if (passage.isFailure()) {
        span.setStatus(StatusCode.ERROR);
      }
    }
    span.end();
  }

  /** A model answered just now, on behalf of a request. */
  void answered(Span server, ModelVersion model, InferResponse.Timing timing) {
    if (!server.isRecording()) {
      return;
    }
    Context parent = Context.root().with(server);
    Instant now = Instant.now();
    long end = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    long since =
        timing.startedNanos() == 0
            ? timing.computeNanos()
            : System.nanoTime() - timing.startedNanos();
    long start = end - since;
    tracer
        .spanBuilder("queue")
        .setParent(parent)
        .setStartTimestamp(start - timing.queueNanos(), TimeUnit.NANOSECONDS)
        .startSpan()
        .end(start, TimeUnit.NANOSECONDS);
    SpanBuilder compute =
        tracer
            .spanBuilder("compute")
            .setParent(parent)
            .setStartTimestamp(start, TimeUnit.NANOSECONDS)
            .setAttribute(MODEL, model.model().toString())
            .setAttribute(VERSION, model.version())
            .setAttribute(REQUESTS, (long) timing.requests())
            .setAttribute(ROWS, timing.rows());
    RunKey run = timing.requests() > 1 ? new RunKey(model, timing.startedNanos()) : null;
    SpanContext first = first(run);
    if (first != null) {
      compute.addLink(first);
    }
    Span span = compute.startSpan();
    span.addEvent("inputs joined", start + timing.inputNanos(), TimeUnit.NANOSECONDS);
    span.addEvent(
        "model has run", start + timing.inputNanos() + timing.inferNanos(), TimeUnit.NANOSECONDS);
    span.end(start + timing.computeNanos(), TimeUnit.NANOSECONDS);
    if (run != null && first == null) {
      remember(run, span.getSpanContext());
    }
  }

  /** A model failed on behalf of a request. */
  void failed(Span server, ModelVersion model, ErrorCode code) {
    server.setAttribute(MODEL, model.model().toString());
    server.setAttribute(VERSION, model.version());
    server.setAttribute("error.type", code.toString());
  }

  private synchronized @Nullable SpanContext first(@Nullable RunKey run) {
    return run == null ? null : runs.get(run);
  }

  private synchronized void remember(RunKey run, SpanContext first) {
    runs.putIfAbsent(run, first);
    if (runs.size() > MOST_RUNS) {
      runs.remove(runs.keySet().iterator().next());
    }
  }

  /** Sends what waits, a few seconds at most. */
  @Override
  public void close() {
    provider.shutdown().join(CLOSING.toSeconds(), TimeUnit.SECONDS);
  }

  /** Reads the caller's context from what came with the request. */
  private static final class Headers implements TextMapGetter<Arrival> {
    @Override
    public Iterable<String> keys(Arrival arrival) {
      return List.of("traceparent", "tracestate");
    }

    @Override
    public @Nullable String get(@Nullable Arrival arrival, String key) {
      String value = arrival == null ? "" : arrival.header().apply(key);
      return value.isEmpty() ? null : value;
    }
  }
}
