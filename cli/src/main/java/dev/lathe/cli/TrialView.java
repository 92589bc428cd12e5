package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.serve.TrialReport;
import dev.lathe.serve.TrialReport.Agreement;
import dev.lathe.serve.TrialReport.Difference;
import dev.lathe.serve.TrialReport.Differing;
import dev.lathe.serve.TrialReport.State;
import java.util.List;
import java.util.Locale;

/**
 * Prints what was seen of versions on trial.
 *
 * @param screen where to
 */
record TrialView(Screen screen) {
  private static final int MOST_REQUESTS = 10;

  void show(TrialReport report) {
    screen.line(
        screen.paint(Style.NAME, report.model())
            + " "
            + screen.paint(Style.GOOD, report.live())
            + " is live in "
            + report.environment());
    report.canary().ifPresent(canary -> state("canary", canary.version(), told(canary)));
    report.shadow().ifPresent(shadow -> state("shadow", shadow.version(), told(shadow)));
    screen.line("");
    figures(report);
    report.canary().ifPresent(this::canary);
    report
        .shadow()
        .ifPresent(shadow -> agreement("shadow " + shadow.version(), shadow.agreement()));
  }

  private static String told(TrialReport.Canary canary) {
    return told(canary.state(), canary.reason());
  }

  private static String told(TrialReport.Shadow shadow) {
    return told(shadow.state(), shadow.reason());
  }

  private static String told(State state, String reason) {
    String word = state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return reason.isEmpty() ? word : word + ": " + reason;
  }

  private void state(String part, String version, String told) {
    screen.line("  " + part + " " + version + " " + told);
  }

  private void figures(TrialReport report) {
    Table table = new Table("PART", "VERSION", "ANSWERED", "FAILED", "MEDIAN", "P99");
    report.canary().ifPresent(canary -> row(table, "live " + report.live(), canary.live()));
    report.canary().ifPresent(one -> row(table, "canary " + one.version(), one.figures()));
    report.shadow().ifPresent(one -> row(table, "shadow " + one.version(), one.figures()));
    table.lines().forEach(screen::line);
  }

  private static void row(Table table, String part, TrialReport.Figures figures) {
    String[] words = part.split(" ", 2);
    table.row(
        words[0],
        words[1],
        Long.toString(figures.answered()),
        Long.toString(figures.failed()),
        String.format(Locale.ROOT, "%.2f ms", figures.medianMillis()),
        String.format(Locale.ROOT, "%.2f ms", figures.p99Millis()));
  }

  private void canary(TrialReport.Canary canary) {
    for (TrialReport.Check check : canary.checks()) {
      String standing = check.standing().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      screen.line("  " + standing + "  " + check.words());
    }
    agreement("canary " + canary.version(), canary.agreement());
  }

  private void agreement(String part, Agreement agreement) {
    if (agreement.compared() + agreement.dropped() == 0) {
      return;
    }
    screen.line("");
    screen.line(
        "%s: %d of %d answers differ from the live version's, %d not compared"
            .formatted(part, agreement.different(), agreement.compared(), agreement.dropped()));
    for (TrialReport.Output output : agreement.outputs()) {
      screen.line(
          String.format(
              Locale.ROOT,
              "  output \"%s\": %d differ, at most %.4g apart, relative %.4g",
              output.name(),
              output.different(),
              output.maxAbsolute(),
              output.maxRelative()));
    }
    requests(agreement.requests());
  }

  private void requests(List<Differing> requests) {
    if (requests.isEmpty()) {
      return;
    }
    Table table = new Table("REQUEST", "WHAT", "LIVE", "TRIAL");
    for (Differing request : requests.subList(0, Math.min(MOST_REQUESTS, requests.size()))) {
      if (!request.failure().isEmpty()) {
        table.row(request.id(), "failed", "", request.failure());
      }
      for (Difference one : request.differences()) {
        String kind = one.kind().name().toLowerCase(Locale.ROOT);
        table.row(request.id(), one.output() + ": " + kind, one.live(), one.trial());
      }
    }
    table.lines().forEach(screen::line);
    if (requests.size() > MOST_REQUESTS) {
      screen.line("and " + (requests.size() - MOST_REQUESTS) + " more: --json");
    }
  }
}
