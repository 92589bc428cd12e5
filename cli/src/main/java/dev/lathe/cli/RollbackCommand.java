package dev.lathe.cli;

import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.Lathe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Ends what is on trial, or goes back. */
@Command(
    name = "rollback",
    description =
        "End what is on trial in an environment; where nothing is, go back to what was live before.",
    footerHeading = "%nExamples:%n",
    footer = {"  lathe rollback demo/digits --env prod"})
final class RollbackCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Environment environment = new Environment();
  private final Bench bench;

  RollbackCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      DeploymentInfo now = lathe.rollouts().rollback(environment.model(), environment.name());
      bench.answer(place, now, () -> DeployCommand.show(bench.screen(), now));
    }
    return 0;
  }
}
