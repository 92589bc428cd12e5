package dev.lathe.server.observe;

import dev.lathe.ir.ErrorCode;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.ServeObserver;
import dev.lathe.server.Metrics;
import dev.lathe.server.OperationConfig;
import dev.lathe.server.ServerConfig;
import io.helidon.webserver.http.Filter;
import io.opentelemetry.api.trace.Span;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** All that looks at requests, put together: what serving tells goes to each part. */
public final class Observatory implements ServeObserver, AutoCloseable {
  private final Metrics metrics;
  private final TraceSettings traceSettings;
  private final RequestTraces traces;
  private final AtomicLong rollbacks = new AtomicLong();
  private final LogSettings logSettings = new LogSettings();
  private final @Nullable AccessLog accessLog;
  private final @Nullable Spans spans;

  /**
   * Looks on.
   *
   * @param metrics counts
   * @param registry says which models there are
   * @param config says where traces and lines go; traces to {@code traces/trace.json} in the data
   *     directory
   */
  public Observatory(Metrics metrics, Registry registry, ServerConfig config) {
    this.metrics = metrics;
    OperationConfig.AccessLog log = config.operation().accessLog();
    this.accessLog = log.file().isPresent() ? new AccessLog(log) : null;
    OperationConfig.Telemetry telemetry = config.operation().telemetry();
    this.spans = telemetry.endpoint().isEmpty() ? null : new Spans(telemetry);
    metrics.add(this::figures);
    Path file = config.data().resolve("traces").resolve("trace.json");
    this.traceSettings = new TraceSettings("traces/trace.json", name -> isModel(registry, name));
    this.traces = new RequestTraces(traceSettings, file);
  }

  private static boolean isModel(Registry registry, String name) {
    return registry.models().contains(ModelName.parse(name));
  }

  /**
   * Which requests are traced.
   *
   * @return the settings, to be shown and changed
   */
  public TraceSettings traceSettings() {
    return traceSettings;
  }

  /**
   * What the process logs.
   *
   * @return the settings, to be shown and changed
   */
  public LogSettings logSettings() {
    return logSettings;
  }

  /**
   * A request begins.
   *
   * @param arrival how it came; {@code x-request-id}, {@code traceparent} and {@code tracestate}
   *     are read
   * @return the request, to be bound to the thread that answers it
   */
  public Observed begin(Arrival arrival) {
    Observed seen = Observed.begin(arrival.header());
    if (spans != null) {
      seen.span(spans.begin(arrival));
    }
    return seen;
  }

  /**
   * Whether anybody wants to hear how requests ended.
   *
   * @return false if {@link #end} does nothing
   */
  public boolean isLogged() {
    return accessLog != null || spans != null;
  }

  /**
   * A request has ended: its last byte is sent.
   *
   * @param seen the request
   * @param passage how it came and went
   */
  public void end(Observed seen, AccessLog.Passage passage) {
    if (accessLog != null) {
      accessLog.append(seen, passage);
    }
    Span span = seen.span();
    if (spans != null && span != null) {
      spans.end(span, seen, passage);
    }
  }

  /**
   * What gives every HTTP request its id and looks at it.
   *
   * @return the filter, to be added before all others
   */
  public Filter filter() {
    return new Seen(this);
  }

  private String figures() {
    Exposition text = new Exposition();
    text.family(
        "lathe_traces_dropped_total", "counter", "Traces that could not be written in time");
    text.sample(Exposition.Labels.NONE, traces.dropped());
    text.family(
        "lathe_access_log_dropped_total",
        "counter",
        "Lines of the access log that could not be written in time");
    text.sample(Exposition.Labels.NONE, accessLog == null ? 0 : accessLog.dropped());
    return text.toString();
  }

  @Override
  public void answered(ModelVersion model, InferRequest request, InferResponse response) {
    metrics.answered(model, request, response);
    Observed seen = Observed.current();
    seen.answered(model, response.timing());
    InferenceEvent.answered(model, response.timing());
    Span span = seen.span();
    if (spans != null && span != null) {
      spans.answered(span, model, response.timing());
    }
    if (traceSettings.isOn()) {
      traces.answered(model, request, response);
    }
  }

  @Override
  public void failed(ModelVersion model, ErrorCode code) {
    Observed seen = Observed.current();
    seen.failed(model, code);
    Span span = seen.span();
    if (spans != null && span != null) {
      spans.failed(span, model, code);
    }
  }

  @Override
  public void ran(ModelVersion model, InferResponse.Timing timing) {
    metrics.ran(model, timing);
  }

  @Override
  public void loaded(ModelVersion model) {
    metrics.loaded(model);
  }

  @Override
  public void unloaded(ModelVersion model) {
    metrics.unloaded(model);
  }

  @Override
  public void rolledBack(ModelVersion canary, String environment, String reason) {
    rollbacks.incrementAndGet();
    RollbackEvent.happened(canary, environment, reason);
  }

  /**
   * Canaries that were taken out by themselves.
   *
   * @return how many
   */
  public long rollbacks() {
    return rollbacks.get();
  }

  /** Writes what is still to be written, and gives the loggers back as they were. */
  @Override
  public void close() {
    traces.close();
    if (accessLog != null) {
      accessLog.close();
    }
    if (spans != null) {
      spans.close();
    }
    logSettings.reset();
  }
}
