package dev.lathe.server.observe;

import dev.lathe.serve.Deployments;
import dev.lathe.serve.TrialReport;
import dev.lathe.server.observe.Exposition.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * What versions on trial have done, for Prometheus. Its counters begin anew with each trial.
 *
 * @param deployments knows the trials
 * @param rollbacks how many canaries were taken out by themselves
 */
public record TrialFigures(Deployments deployments, LongSupplier rollbacks) {
  /** A version on trial, or the live one beside it. */
  private record Part(
      Labels labels, TrialReport.Figures figures, TrialReport.Agreement agreement) {}

  /** A number of all that was compared. */
  private record Count(String name, String help, ToDoubleFunction<TrialReport.Agreement> value) {}

  private static final List<Count> COUNTS =
      List.of(
          new Count(
              "lathe_trial_compared_total",
              "Answers compared with the live version's",
              TrialReport.Agreement::compared),
          new Count(
              "lathe_trial_different_total",
              "Answers that differ from the live version's",
              TrialReport.Agreement::different),
          new Count(
              "lathe_trial_dropped_total",
              "Requests that could not be compared",
              TrialReport.Agreement::dropped));

  private static final TrialReport.Agreement NOTHING =
      new TrialReport.Agreement(0, 0, 0, List.of(), List.of());

  /**
   * All figures now.
   *
   * @return Prometheus' text format 0.0.4
   */
  public String scrape() {
    List<Part> parts = new ArrayList<>();
    deployments.trials().forEach(report -> add(parts, report));
    Exposition text = new Exposition();
    text.family("lathe_rollbacks_total", "counter", "Canaries that were taken out by themselves");
    text.sample(Labels.NONE, rollbacks.getAsLong());
    text.family("lathe_trial_requests_total", "counter", "Requests during a trial, by outcome");
    for (Part part : parts) {
      text.sample(part.labels.and("outcome", "answered"), part.figures.answered());
      text.sample(part.labels.and("outcome", "failed"), part.figures.failed());
    }
    for (Count count : COUNTS) {
      text.family(count.name, "counter", count.help);
      parts.stream()
          .filter(part -> part.agreement != NOTHING)
          .forEach(part -> text.sample(part.labels, count.value.applyAsDouble(part.agreement)));
    }
    return text.toString();
  }

  private static void add(List<Part> parts, TrialReport report) {
    Labels place =
        Labels.NONE.and("model", report.model()).and("environment", report.environment());
    report
        .canary()
        .ifPresent(
            canary -> {
              Labels own = place.and("role", "canary").and("version", canary.version());
              parts.add(new Part(own, canary.figures(), canary.agreement()));
              Labels live = place.and("role", "live").and("version", report.live());
              parts.add(new Part(live, canary.live(), NOTHING));
            });
    report
        .shadow()
        .ifPresent(
            shadow -> {
              Labels own = place.and("role", "shadow").and("version", shadow.version());
              parts.add(new Part(own, shadow.figures(), shadow.agreement()));
            });
  }
}
