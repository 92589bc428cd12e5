package dev.lathe.cli;

import dev.lathe.registry.Promotion;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.Lathe;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes live what is on trial. */
@Command(
    name = "promote",
    description = {
      "Make live what is on trial in an environment: the canary, with --shadow the shadow.",
      "With a version that version only, if it is still on trial; else nothing is changed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe promote demo/digits --env prod           the canary",
      "  lathe promote demo/digits@v3 --env prod        v3, if it is on trial",
      "  lathe promote demo/digits --env prod --shadow"
    })
final class PromoteCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model, and which version of it is meant.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      required = true,
      description = "The environment, for example prod.")
  private String environment = "";

  @Option(names = "--shadow", description = "The shadow is meant, not the canary.")
  private boolean shadow;

  PromoteCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      DeploymentInfo now = lathe.rollouts().promote(model.model(), environment, which());
      bench.answer(place, now, () -> DeployCommand.show(bench.screen(), now));
    }
    return 0;
  }

  private Promotion which() {
    return new Promotion(
        shadow ? Optional.of(Promotion.Part.SHADOW) : Optional.empty(),
        Optional.of(model.version()).filter(version -> !version.isEmpty()));
  }
}
