package dev.lathe.cli;

import dev.lathe.serve.TrialReport;
import dev.lathe.server.Lathe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what a server has seen of the versions on trial. */
@Command(
    name = "trial",
    description =
        "Show what a running server has seen of the versions on trial in an environment: requests,"
            + " latencies, and whose answers differ.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe trial demo/digits --env prod --server http://127.0.0.1:8080",
      "  lathe trial demo/digits --env prod --server http://127.0.0.1:8080 --json"
    })
final class TrialCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Environment environment = new Environment();
  private final Bench bench;

  TrialCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      TrialReport report = lathe.rollouts().trial(environment.model(), environment.name());
      bench.answer(place, report, () -> new TrialView(bench.screen()).show(report));
    }
    return 0;
  }
}
