package dev.lathe.server.observe;

import com.sun.management.OperatingSystemMXBean;
import dev.lathe.ir.ErrorKind;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.ModelStatistics;
import dev.lathe.serve.ModelStatistics.Total;
import dev.lathe.serve.ModelStatistics.Totals;
import dev.lathe.serve.ModelVersion;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What versions have done, for Prometheus: under Triton's names, so that its dashboards show it,
 * and under our own what Triton has no name for. Made from the statistics when somebody asks, so
 * that a request costs nothing here.
 *
 * @see <a
 *     href="https://github.com/triton-inference-server/server/blob/main/docs/user_guide/metrics.md">Triton's
 *     metrics</a>
 */
public final class ServingFigures {
  /** A number that a version only ever adds to. */
  private record Count(String name, String help, ToLongFunction<ModelStatistics> value) {}

  private static Count micros(String part, String what, Function<Totals, Total> of) {
    return new Count(
        "nv_inference_" + part + "_duration_us",
        "Microseconds of all answered requests: " + what,
        one -> of.apply(one.totals()).nanos() / 1000);
  }

  /** Triton's kinds of failures. */
  private enum Reason {
    REJECTED,
    CANCELED,
    BACKEND,
    OTHER
  }

  private static final List<Count> COUNTS =
      List.of(
          new Count(
              "nv_inference_request_success",
              "Requests that were answered",
              one -> one.totals().success().count()),
          new Count(
              "nv_inference_count",
              "Rows that were computed, those of shared runs each by itself",
              ModelStatistics::inferences),
          new Count("nv_inference_exec_count", "Runs of the model", ModelStatistics::executions),
          micros("request", "from arrival to answer", Totals::success),
          micros("queue", "waiting for their run", Totals::queue),
          micros("compute_input", "joining inputs", Totals::computeInput),
          micros("compute_infer", "the model's run", Totals::computeInfer),
          micros("compute_output", "taking results apart", Totals::computeOutput),
          new Count(
              "nv_cache_num_hits_per_model",
              "Requests answered from the response cache",
              one -> one.totals().cacheHit().count()),
          new Count(
              "nv_cache_num_misses_per_model",
              "Requests that the response cache could not answer",
              one -> one.totals().cacheMiss().count()));

  private final Deployments deployments;

  /**
   * Figures of what is deployed.
   *
   * @param deployments knows the statistics
   */
  public ServingFigures(Deployments deployments) {
    this.deployments = deployments;
  }

  /**
   * All figures now.
   *
   * @return Prometheus' text format 0.0.4
   */
  public String scrape() {
    Exposition text = new Exposition();
    List<ModelStatistics> all = deployments.statistics();
    for (Count count : COUNTS) {
      text.family(count.name, "counter", count.help);
      all.forEach(one -> text.sample(labels(one), count.value.applyAsLong(one)));
    }
    failures(text, all);
    waiting(text, deployments.loaded());
    TextFigures.write(text, deployments.loaded());
    memory(text, all);
    holding(text, deployments);
    machine(text);
    return text.toString();
  }

  private static void failures(Exposition text, List<ModelStatistics> all) {
    text.family(
        "nv_inference_request_failure", "counter", "Requests that failed, by Triton's reasons");
    for (ModelStatistics one : all) {
      Map<Reason, Long> reasons = new EnumMap<>(Reason.class);
      for (Reason reason : Reason.values()) {
        reasons.put(reason, 0L);
      }
      one.failures().forEach((kind, count) -> reasons.merge(reason(kind), count, Long::sum));
      reasons.forEach(
          (reason, count) -> text.sample(labels(one).and("reason", reason.name()), count));
    }
    text.family(
        "lathe_inference_failures_total",
        "counter",
        "Requests to a loaded version that failed, by kind of error");
    for (ModelStatistics one : all) {
      one.failures()
          .forEach(
              (kind, count) ->
                  text.sample(
                      labels(one).and("kind", kind.name().toLowerCase(Locale.ROOT)), count));
    }
  }

  private static Reason reason(ErrorKind kind) {
    return switch (kind) {
      case EXHAUSTED, UNAVAILABLE -> Reason.REJECTED;
      case CANCELLED -> Reason.CANCELED;
      case INTERNAL -> Reason.BACKEND;
      case INVALID, NOT_FOUND, CONFLICT, DENIED, UNSUPPORTED -> Reason.OTHER;
    };
  }

  private static void waiting(Exposition text, Collection<LoadedModel> loaded) {
    Map<ModelVersion, Integer> waiting = new HashMap<>();
    loaded.forEach(model -> waiting.merge(model.id(), model.waiting(), Integer::sum));
    text.family(
        "nv_inference_pending_request_count", "gauge", "Requests that wait for a run of the model");
    waiting.forEach((model, count) -> text.sample(labels(model), count));
  }

  private static void memory(Exposition text, List<ModelStatistics> all) {
    text.family("lathe_model_memory_bytes", "gauge", "Bytes that a loaded version holds");
    for (ModelStatistics one : all) {
      one.memory()
          .forEach(
              held ->
                  text.sample(
                      labels(one).and("type", held.type()).and("id", Long.toString(held.id())),
                      held.bytes()));
    }
  }

  /** Two loads of one version, with threads of their own each, count together. */
  private static void holding(Exposition text, Deployments deployments) {
    Map<ModelVersion, Integer> leases = new HashMap<>();
    Map<ModelVersion, Long> charges = new HashMap<>();
    for (LoadedModel model : deployments.loaded()) {
      leases.merge(model.id(), model.leases(), Integer::sum);
      charges.merge(model.id(), deployments.charge(model), Long::sum);
    }
    text.family(
        "lathe_model_leases", "gauge", "Requests and adapters that hold a version in memory");
    leases.forEach((model, count) -> text.sample(labels(model), count));
    text.family("lathe_model_charged_bytes", "gauge", "What a version is charged of limits.memory");
    charges.forEach((model, bytes) -> text.sample(labels(model), bytes));
    text.family("lathe_memory_charged_bytes", "gauge", "What all are charged of limits.memory");
    text.sample(Exposition.Labels.NONE, deployments.memory().used());
    text.family("lathe_memory_budget_bytes", "gauge", "limits.memory");
    text.sample(Exposition.Labels.NONE, deployments.memory().budget());
  }

  private static void machine(Exposition text) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      text.family("nv_cpu_utilization", "gauge", "Load of all processors, 0 to 1");
      text.sample(Exposition.Labels.NONE, Math.clamp(system.getCpuLoad(), 0, 1));
      text.family("nv_cpu_memory_total_bytes", "gauge", "Memory of the machine");
      text.sample(Exposition.Labels.NONE, system.getTotalMemorySize());
      text.family("nv_cpu_memory_used_bytes", "gauge", "Memory of the machine in use");
      text.sample(Exposition.Labels.NONE, system.getTotalMemorySize() - system.getFreeMemorySize());
    }
  }

  private static Exposition.Labels labels(ModelStatistics one) {
    return labels(one.model());
  }

  private static Exposition.Labels labels(ModelVersion model) {
    return Exposition.Labels.NONE
        .and("model", model.model().toString())
        .and("version", model.version());
  }
}
