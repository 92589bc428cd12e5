package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.Lathe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a version live. */
@Command(
    name = "deploy",
    description = "Make a version live in an environment. Running servers switch by themselves.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe deploy demo/digits@v2 --env prod",
      "  lathe deploy demo/digits@v1 --env prod     back to v1: deploy it again",
      "  lathe deploy demo/digits --env staging     the newest version"
    })
final class DeployCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, or latest where none is given.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      required = true,
      description = "The environment, for example prod; created if it is new.")
  private String environment = "";

  DeployCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      DeploymentInfo live = lathe.deploy(model.model(), model.versionOr("latest"), environment);
      bench.answer(place, live, () -> show(live));
    }
    return 0;
  }

  private void show(DeploymentInfo live) {
    Screen screen = bench.screen();
    screen.line(
        screen.paint(Style.NAME, live.model())
            + " "
            + screen.paint(Style.GOOD, live.version())
            + " is live in "
            + live.environment());
  }
}
