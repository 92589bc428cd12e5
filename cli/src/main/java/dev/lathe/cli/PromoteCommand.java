package dev.lathe.cli;

import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.Lathe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes live what is on trial. */
@Command(
    name = "promote",
    description =
        "Make live what is on trial in an environment: the canary, or the shadow where there is none.",
    footerHeading = "%nExamples:%n",
    footer = {"  lathe promote demo/digits --env prod"})
final class PromoteCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Environment environment = new Environment();
  private final Bench bench;

  PromoteCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      DeploymentInfo now = lathe.rollouts().promote(environment.model(), environment.name());
      bench.answer(place, now, () -> DeployCommand.show(bench.screen(), now));
    }
    return 0;
  }
}
