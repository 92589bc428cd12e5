package dev.lathe.server;

import dev.lathe.ir.ErrorKind;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.ServeObserver;
import dev.lathe.server.access.Decisions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What the server counts, in the form that Prometheus reads. Labels are only model and version of
 * what was loaded, of which the latest few hundred are kept, and kinds of errors; so nobody can
 * make the list grow by asking for what does not exist.
 */
public final class Metrics implements ServeObserver, AutoCloseable {
  private static final int MOST_VERSIONS = 200;
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(10)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Map<ModelVersion, ModelMeters> models = new ConcurrentHashMap<>();
  private final Map<ModelVersion, Boolean> closed = new LinkedHashMap<>();
  private final Map<ErrorKind, Counter> refused = new EnumMap<>(ErrorKind.class);
  private final List<Supplier<String>> more = new CopyOnWriteArrayList<>();

  /** Counts from zero, and begins with the virtual machine's own figures. */
  public Metrics() {
    collections.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    for (ErrorKind kind : ErrorKind.values()) {
      refused.put(
          kind,
          Counter.builder("lathe.inference.errors")
              .description("inference requests that got an error, whatever the reason")
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  /**
   * Adds figures that another part keeps.
   *
   * @param figures gives them in Prometheus' text format 0.0.4; families of their own
   */
  public void add(Supplier<String> figures) {
    more.add(figures);
  }

  /**
   * All figures now.
   *
   * @return Prometheus' text format 0.0.4
   */
  public String scrape() {
    StringBuilder text = new StringBuilder(registry.scrape());
    more.forEach(figures -> text.append(figures.get()));
    return text.toString();
  }

  /**
   * Shows a figure that another part knows.
   *
   * @param name its name, dots between words
   * @param help what it is
   * @param part who knows it
   * @param value asks for it
   * @param <T> the part's type
   */
  public <T> void gauge(String name, String help, T part, ToDoubleFunction<T> value) {
    Gauge.builder(name, part, value).description(help).strongReference(true).register(registry);
  }

  /**
   * Shows a count that another part keeps.
   *
   * @param name its name, dots between words
   * @param help what it counts
   * @param part who counts
   * @param value asks for it
   * @param <T> the part's type
   */
  <T> void counter(String name, String help, T part, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, part, value).description(help).register(registry);
  }

  /**
   * Shows how often callers were let in, and how often not.
   *
   * @param decisions counts them
   */
  void decisions(Decisions decisions) {
    for (Right right : Right.values()) {
      for (String word : Decisions.WORDS) {
        FunctionCounter.builder(
                "lathe.access.decisions", decisions, known -> known.count(right, word))
            .description("requests by the right that they take and whether it was granted")
            .tag("right", right.word())
            .tag("decision", word)
            .register(registry);
      }
    }
  }

  /**
   * Shows how often connections and requests were ended because their clients took too long.
   *
   * @param endings counts them
   */
  void endings(Endings endings) {
    for (Endings.Reason reason : Endings.Reason.values()) {
      FunctionCounter.builder("lathe.clients.ended", endings, known -> known.count(reason))
          .description("connections and requests ended because of their clients")
          .tag("reason", reason.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  /**
   * A request went through a door, from its first byte read to its last byte written.
   *
   * @param model which version answered
   * @param nanos how long it took
   */
  public void served(ModelVersion model, long nanos) {
    meters(model).request.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * A door refused a request, or its model failed.
   *
   * @param kind why
   */
  public void refused(ErrorKind kind) {
    refused.get(kind).increment();
  }

  @Override
  public void answered(ModelVersion model, InferRequest request, InferResponse response) {
    meters(model).queue.record(response.timing().queueNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void ran(ModelVersion model, InferResponse.Timing timing) {
    ModelMeters meters = meters(model);
    meters.compute.record(timing.computeNanos(), TimeUnit.NANOSECONDS);
    meters.batch.record(timing.requests());
  }

  @Override
  public void loaded(ModelVersion model) {
    meters(model);
    synchronized (closed) {
      closed.remove(model);
    }
  }

  /** The figures of closed versions stay readable, but not those of too many. */
  @Override
  public void unloaded(ModelVersion model) {
    ModelVersion oldest = model;
    synchronized (closed) {
      closed.put(model, true);
      if (closed.size() <= MOST_VERSIONS) {
        return;
      }
      oldest = closed.keySet().iterator().next();
      closed.remove(oldest);
    }
    forget(oldest);
  }

  private void forget(ModelVersion model) {
    models.remove(model);
    String name = model.model().toString();
    List<Meter> own =
        registry.getMeters().stream()
            .filter(meter -> name.equals(meter.getId().getTag("model")))
            .filter(meter -> model.version().equals(meter.getId().getTag("version")))
            .toList();
    own.forEach(registry::remove);
  }

  private ModelMeters meters(ModelVersion model) {
    ModelMeters known = models.get(model);
    return known != null ? known : models.computeIfAbsent(model, this::make);
  }

  private ModelMeters make(ModelVersion model) {
    Tags tags = Tags.of("model", model.model().toString(), "version", model.version());
    return new ModelMeters(
        timer("lathe.inference.duration", "from a request's arrival to its answer", tags),
        timer("lathe.inference.queue", "how long answered requests waited for their run", tags),
        timer("lathe.inference.compute", "how long the model ran", tags),
        DistributionSummary.builder("lathe.inference.batch")
            .description("requests that shared a run")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64)
            .tags(tags)
            .register(registry));
  }

  private Timer timer(String name, String help, Tags tags) {
    return Timer.builder(name)
        .description(help)
        .serviceLevelObjectives(LATENCIES)
        .tags(tags)
        .register(registry);
  }

  private record ModelMeters(
      Timer request, Timer queue, Timer compute, DistributionSummary batch) {}

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
