package dev.lathe.server.observe;

import dev.lathe.ir.ErrorCode;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.ServeObserver;
import dev.lathe.server.Metrics;
import java.nio.file.Path;

/** All that looks at requests, put together: what serving tells goes to each part. */
public final class Observatory implements ServeObserver, AutoCloseable {
  private final Metrics metrics;
  private final TraceSettings traceSettings;
  private final RequestTraces traces;
  private final LogSettings logSettings = new LogSettings();

  /**
   * Looks on.
   *
   * @param metrics counts
   * @param registry says which models there are
   * @param data the data directory; traces go to {@code traces/trace.json} in it
   */
  public Observatory(Metrics metrics, Registry registry, Path data) {
    this.metrics = metrics;
    Path file = data.resolve("traces").resolve("trace.json");
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

  @Override
  public void answered(ModelVersion model, InferRequest request, InferResponse response) {
    metrics.answered(model, request, response);
    Observed.current().answered(model, response.timing());
    if (traceSettings.isOn()) {
      traces.answered(model, request, response);
    }
  }

  @Override
  public void failed(ModelVersion model, ErrorCode code) {
    Observed.current().failed(model, code);
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

  /** Writes what is still to be written, and gives the loggers back as they were. */
  @Override
  public void close() {
    traces.close();
    logSettings.reset();
  }
}
